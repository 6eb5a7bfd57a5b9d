"use strict";
/* The tensors of an example: numbers as the film prints them, their places, axes and labels. */

const Tensors = (() => {
    const { words, axisName } = Words;

    const number = (text) => Number(text.replace("−", "-").replace("∞", "Infinity"));

    /** A number as the film prints it: a true minus, never a negative zero. */
    function format(value, decimals) {
        if (!Number.isFinite(value)) return value < 0 ? "−∞" : "∞";
        const text = Math.abs(value).toFixed(decimals);
        return value < 0 && Number(text) !== 0 ? `−${text}` : text;
    }

    const span = (first, last) => Array.from({ length: last - first + 1 }, (_, place) => first + place);

    class Tensor {
        constructor(name, data) {
            Object.assign(this, data, { name });
            this.texts = data.cells.split(" ");
            this.lead = data.shape.slice(0, -2);
            this.rows = data.shape.length > 1 ? data.shape.at(-2) : 1;
            this.columns = data.shape.length > 0 ? data.shape.at(-1) : 1;
            this.largest = 0;
            for (const text of this.texts) {
                const size = Math.abs(number(text));
                if (Number.isFinite(size) && size > this.largest) this.largest = size;
            }
        }

        /** Where a cell stands in the row of all numbers. */
        place(sheet, row, column) {
            const leading = sheet.reduce((flat, index, axis) => flat * this.lead[axis] + index, 0);
            return (leading * this.rows + row) * this.columns + column;
        }

        /** Where the cell at an index, one place along each axis, stands in the row of all numbers. */
        flat(index) {
            return index.reduce((place, along, axis) => place * this.shape[axis] + along, 0);
        }

        /** The index of a cell: its place along each axis. */
        indexOf({ sheet, row, column }) {
            return [...sheet, row, column].slice(-this.axes.length || Infinity);
        }

        /** The cell at a place. */
        cellAt(place) {
            let leading = Math.floor(place / (this.rows * this.columns));
            const sheet = this.lead.map(() => 0);
            for (let axis = sheet.length - 1; axis >= 0; axis--) {
                sheet[axis] = leading % this.lead[axis];
                leading = Math.floor(leading / this.lead[axis]);
            }
            return { sheet, row: Math.floor(place / this.columns) % this.rows, column: place % this.columns };
        }

        /** The number at a place, as it is printed. */
        printed(place) {
            return number(this.texts[place]);
        }

        text(sheet, row, column) {
            return this.texts[this.place(sheet, row, column)];
        }

        answer(digits, place) {
            return (digits.length === 1 ? digits : digits[place]) === "1";
        }

        /** The label at an axis, counted from the end: 1 columns, 2 rows. */
        label(fromEnd, index) {
            const axis = this.axes.at(-fromEnd);
            return fromEnd > this.axes.length ? "" : (this.labels[axis]?.[index] ?? String(index + 1));
        }

        /** A token in quotation marks, a number as it is. */
        said(fromEnd, index) {
            const text = this.label(fromEnd, index);
            return this.labels[this.axes.at(-fromEnd)] ? words("token", { token: text }) : text;
        }

        rowLabel(row) {
            return this.label(2, row);
        }

        columnLabel(column) {
            return this.label(1, column);
        }

        sheets() {
            return this.lead.reduce((sheets, length) => sheets.flatMap((sheet) => span(0, length - 1).map((index) => [...sheet, index])), [[]]);
        }

        sheetLabel(axis, index) {
            return this.labels[this.axes[axis]]?.[index] ?? String(index + 1);
        }

        /** Where a cell stands, in words. */
        address(sheet, row, column) {
            let cell = "";
            if (this.axes.length === 1) cell = words("cell_row", { row: this.said(1, column) });
            if (this.axes.length > 1) cell = words("cell", { row: this.said(2, row), column: this.said(1, column) });
            return this.inSheet(sheet, cell);
        }

        /** What stands in a sheet, and in which. */
        inSheet(sheet, text) {
            const within = (inner, index, axis) => words("cell_sheet", { axis: axisName(this.axes[axis]), sheet: this.sheetLabel(axis, index), cell: inner });
            return sheet.reduce(within, text);
        }
    }

    /** All tensors of an example by name; seed: the name of what its random numbers are drawn from. */
    const read = (data, seed) => new Map(Object.entries(data).map(([name, tensor]) => [name, new Tensor(name, { ...tensor, seed })]));

    return { read, number, format, span };
})();
