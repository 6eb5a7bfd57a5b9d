"use strict";
/* Which cells of which operands a number is made of: the selectors of `core.trace.origin`, evaluated. */

const Origins = (() => {
    const { span } = Tensors;

    /** The ranges that a selector runs over along an axis of so many places, in order. */
    function rangesOf(selector, length, tensors) {
        if (selector.all) return [[selector.all[0], selector.all[1] ?? length]];
        if (!selector.looked) return [];
        const { shape } = tensors.get(selector.looked);
        return selector.index.flatMap((inner, axis) => rangesOf(inner, shape[axis], tensors));
    }

    /** The place that a selector gives for the cell at `index`; running: the places of the axes run over, each taken once. */
    function placeAlong(selector, index, running, tensors) {
        if (selector.all) return running.shift();
        if ("fixed" in selector) return selector.fixed;
        if ("axis" in selector) return index[selector.axis] * selector.stride + selector.offset;
        if ("block" in selector) return Math.floor(index[selector.block] / selector.size);
        if ("within" in selector) return index[selector.within] % selector.size;
        if (selector.sum) return selector.sum.reduce((total, part) => total + placeAlong(part, index, running, tensors), 0);
        const tensor = tensors.get(selector.looked);
        const places = selector.index.map((inner) => placeAlong(inner, index, running, tensors));
        return tensor.printed(tensor.flat(places));
    }

    /** All choices of one place in each range, the first range slowest. */
    const choices = (ranges) => ranges.reduce((all, [start, stop]) => all.flatMap((choice) => span(start, stop - 1).map((place) => [...choice, place])), [[]]);

    /** The places of an operand's cells that the cell at `index` is made of. */
    function placesOf(operand, index, tensors) {
        const tensor = tensors.get(operand.name);
        const ranges = operand.index.flatMap((selector, axis) => rangesOf(selector, tensor.shape[axis], tensors));
        return choices(ranges).map((running) => tensor.flat(operand.index.map((selector) => placeAlong(selector, index, running, tensors))));
    }

    const operandAt = (operand, index, tensors) => ({ tensor: tensors.get(operand.name), places: placesOf(operand, index, tensors) });

    /** The tensors that say where in an operand to look, as operands themselves. */
    const lookedIn = (operand) => operand.index.filter((selector) => selector.looked).map((selector) => ({ name: selector.looked, index: selector.index }));

    /** A cell opened: what it is made of, and where that stands. read: gives the number of a tensor at a place, as printed if not given. */
    function opened(tensor, cell, tensors, read = (other, place) => other.printed(place)) {
        const { origin } = tensor;
        const index = tensor.indexOf(cell);
        const own = origin.kind === "stack" ? [origin.operands[index[0]]] : origin.operands;
        const operands = own.map((operand) => operandAt(operand, index, tensors));
        const terms = operands.map((operand) => operand.places.map((place) => read(operand.tensor, place)));
        const looked = own.flatMap(lookedIn).map((operand) => operandAt(operand, index, tensors));
        const textOf = (side, place) => operands[side].tensor.texts[operands[side].places[place]];
        return Object.assign(new Operations.Made(origin, terms, index), { tensor, operands, looked, textOf });
    }

    const isTaken = (tensor) => !Operations.kinds.includes(tensor.origin.kind);

    /** Whether the printed numbers give exactly the printed result, nothing rounded away. */
    function closes(made) {
        const { tensor } = made;
        const place = tensor.flat(made.index);
        if (!tensor.answer(tensor.exact, place)) return false;
        const [again, result] = [Operations.computed(tensor.origin.kind, made), tensor.printed(place)];
        return again === result || Math.abs(again - result) < 1e-9;
    }

    /** The names of a tensor's operands, and of the tensors that say where in them to look. */
    function namesIn(tensor) {
        const within = (operand) => [operand.name, ...lookedIn(operand).flatMap(within)];
        return [...new Set(tensor.origin.operands.flatMap(within))];
    }

    return { opened, isTaken, closes, namesIn };
})();
