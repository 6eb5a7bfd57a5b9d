"use strict";
/* The line of arithmetic of a number: parts, each a text, a number of an operand, a raised part or a term kept whole. */

const Formulas = (() => {
    const WHOLE = 64; // of so many terms none is left out
    const { span, format } = Tensors;
    const { words } = Words;

    /** A number of an operand, negative ones in brackets unless they stand first. */
    function number(made, side, place = 0, first = false) {
        const text = made.textOf(side, place);
        return { text: text.startsWith("−") && !first ? `(${text})` : text, side };
    }

    const bare = (made, side, place = 0) => number(made, side, place, true);
    const raised = (...parts) => ({ raised: parts });
    const term = (...parts) => ({ term: parts });
    const bracket = (text) => (text.startsWith("−") ? `(${text})` : text);

    /** Parts one after the other; of very many only the first and the last. */
    function joined(items, between) {
        const kept = items.length > WHOLE ? [...items.slice(0, 12), [words("more_terms", { count: items.length - 14 })], ...items.slice(-2)] : items;
        return kept.flatMap((item, place) => (place ? [between, term(...item)] : [term(...item)]));
    }

    /** Every number of some operands, each as a function of it makes it. */
    function each(made, sides, parts) {
        return sides.flatMap((side) => made.terms[side].map((_, place) => parts(side, place, side === sides[0] && place === 0)));
    }

    const all = (made) => span(0, made.terms.length - 1);
    const sumOf = (made, sides) => joined(each(made, sides, (side, place, first) => [number(made, side, place, first)]), " + ");
    const listOf = (made, sides) => joined(each(made, sides, (side, place) => [bare(made, side, place)]), ", ");
    const sumOfProducts = (made) => joined(made.terms[0].map((_, place) => [number(made, 0, place, place === 0), " × ", number(made, 1, place)]), " + ");
    const fraction = (above, below) => [...above, " ÷ ", ...below];
    const counted = (made) => String(made.everything.length);
    const plain = (value) => bracket(format(value, 2));

    function quotient(made) {
        return fraction([bare(made, 0)], [made.terms.length > 1 ? number(made, 1) : String(made.constant)]);
    }

    function root(made) {
        if (!made.terms.length) return [`√${made.constant}`];
        return made.constant ? ["√(", bare(made, 0), ` + ${made.constant})`] : ["√", number(made, 0)];
    }

    function softmax(made) {
        const maximum = Operations.largest(made.terms[1]);
        const less = maximum === 0 || !Number.isFinite(maximum) ? "" : ` − ${bracket(format(maximum, made.operands[1].tensor.decimals))}`;
        const power = (side, place) => ["e", raised(bare(made, side, place), less)];
        return fraction([term(...power(0, 0))], ["(", ...joined(each(made, [1], power), " + "), ")"]);
    }

    function deviations(made, sides, mean) {
        return joined(each(made, sides, (side, place) => ["(", bare(made, side, place), ` − ${plain(mean)})²`]), " + ");
    }

    function standardised(made) {
        const { mean, variance } = Operations.companyOf(made);
        return ["(", bare(made, 0), ` − ${plain(mean)}) ÷ √(${format(variance, 2)} + ${made.constant})`];
    }

    function activated(made) {
        const x = number(made, 0);
        if (made.note === "relu") return ["max(0, ", bare(made, 0), ")"];
        if (made.note === "gelu") return [bare(made, 0), " × Φ(", bare(made, 0), ")"];
        return ["½ × ", x, " × (1 + tanh(√(2 ÷ π) × (", x, " + 0.044715 × ", x, "³)))"];
    }

    function cosine(made) {
        const lengths = made.terms.map((values) => format(Operations.length(values), 2));
        return fraction(["(", ...sumOfProducts(made), ")"], [`(${lengths.join(" × ")})`]);
    }

    function position(made) {
        const { name, position: place, exponent, width } = Operations.waveOf(made);
        return [`${name}(`, made.operands.length ? bare(made, 0) : String(place), " ÷ 10000", raised(`${exponent} ÷ ${width}`), ")"];
    }

    function filledWave(made) {
        const name = Operations.filledWave(made);
        return name ? [`${name}(`, bare(made, 0), ")"] : [];
    }

    /** What is left to 1; one of the largest is taken as it is. */
    function share(made) {
        if (made.index.at(-1) < made.constant) return [];
        const first = Operations.falling(made.terms[0]).slice(0, made.constant);
        return ["1 − (", ...joined(first.map((place) => [bare(made, 0, place)]), " + "), ")"];
    }

    function largestDifference(made) {
        return ["max(", ...joined(made.terms[0].map((_, place) => ["|", bare(made, 0, place), " − ", number(made, 1, place), "|"]), ", "), ")"];
    }

    function interpolation(made) {
        const way = made.terms.length > 2 ? [number(made, 2)] : [`${made.index[0]} ÷ ${made.constant}`];
        return [bare(made, 0), " + ", ...way, " × (", bare(made, 1), " − ", number(made, 0), ")"];
    }

    const FORMULAS = {
        product: sumOfProducts,
        projection: (made) => [...sumOfProducts(made), " + ", number(made, 2)],
        sum: (made) => sumOf(made, all(made)),
        difference: (made) => [bare(made, 0), " − ", number(made, 1)],
        quotient,
        multiple: (made) => [bare(made, 0), ` × ${made.constant}`],
        percentage: (made) => ["100 × ", number(made, 0)],
        root,
        total: (made) => sumOf(made, all(made)),
        mean: (made) => fraction(["(", ...sumOf(made, all(made)), ")"], [counted(made)]),
        variance: (made) => fraction(["(", ...deviations(made, all(made), Operations.mean(made.everything)), ")"], [counted(made)]),
        interpolation,
        scaling: quotient,
        masking: (made) => [bare(made, 0), " + ", number(made, 1)],
        maximum: (made) => ["max(", ...listOf(made, all(made)), ")"],
        shift: (made) => [bare(made, 0), " − ", number(made, 1)],
        exponential: (made) => ["e", raised(bare(made, 0))],
        division: quotient,
        softmax,
        gradient: (made) => [bare(made, 0), " × (1 − ", number(made, 0), ")"],
        mean_square: (made) => fraction(["(", ...joined(each(made, all(made), (side, place) => [number(made, side, place), "²"]), " + "), ")"], [counted(made)]),
        deviation: root,
        normalisation: quotient,
        affine: (made) => [bare(made, 0), " × ", number(made, 1), " + ", number(made, 2)],
        standardisation: standardised,
        activation: activated,
        cosine,
        largest_difference: largestDifference,
        angle: (made) => [bare(made, 0), " ÷ 10000", raised("2 × ", bare(made, 1), ` ÷ ${made.constant}`)],
        position,
        wave: filledWave,
        share,
        logarithm: (made) => ["−ln ", bare(made, 0)],
        cross_entropy: (made) => ["−ln(", ...softmax(made), ")"],
        multiplications: (made) => [Operations.factorsOf(made).join(" × ")],
        ticks: (made) => [`${bracket(format(made.index[0] - 2, 0))} × ${Operations.tickStep(made)}`],
    };

    /** The parts of a number's line; none where there is nothing to compute. */
    const formula = (kind, made) => FORMULAS[kind]?.(made) ?? [];

    return { formula };
})();
