"use strict";
/* What a number is made of: the cells of its operands, and its terms as texts. */

const Origins = (() => {
    const { span } = Tensors;

    /** The operands of a cell: each a tensor and the places of the cells that count. */
    function operandsOf(tensor, { sheet, row, column }, tensors) {
        if (!tensor.product.length) return [];
        const [left, right] = tensor.product.map((name) => tensors.get(name));
        const own = (operand) => (operand.lead.length ? sheet : []);
        return [
            { tensor: left, places: span(0, left.columns - 1).map((place) => left.place(own(left), row, place)) },
            { tensor: right, places: span(0, right.rows - 1).map((place) => right.place(own(right), place, column)) },
        ];
    }

    const signed = (text, first) => (text.startsWith("−") && !first ? `(${text})` : text);

    /** The terms of a product's cell, each a pair of texts, as the core explains it. */
    function termsOf([left, right]) {
        return left.places.map((place, number) => [
            signed(left.tensor.texts[place], number === 0),
            signed(right.tensor.texts[right.places[number]]),
        ]);
    }

    return { operandsOf, termsOf };
})();
