"use strict";
/* What each kind of origin computes from the numbers that a cell is made of, as `core.trace.operations` does. */

const Operations = (() => {
    const NOISE = 1e-9;
    const total = (values) => values.reduce((sum, value) => sum + value, 0);
    const mean = (values) => total(values) / values.length;
    const variance = (values) => mean(values.map((value) => (value - mean(values)) ** 2));
    const largest = (values) => values.reduce((most, value) => Math.max(most, value), -Infinity);
    const dot = (first, second) => total(first.map((value, place) => value * second[place]));
    const length = (values) => Math.sqrt(dot(values, values));
    const divided = (numerator, denominator) => (denominator === 0 ? 0 : numerator / denominator);
    const shifted = (value, maximum) => (maximum === -Infinity ? -Infinity : value === maximum ? 0 : value - maximum);
    const falling = (values) => values.map((value, place) => place).sort((a, b) => values[b] - values[a] || a - b);
    const root = ({ cells, constant }) => Math.sqrt((cells[0] ?? 0) + (constant ?? 0));
    const quotient = ({ cells, constant }) => divided(cells[0], cells[1] ?? constant);
    const only = ({ cells }) => cells[0];
    const products = ({ terms, cells }) => dot(terms[0], terms[1]) + (cells[2] ?? 0);

    /** The numbers that a cell is made of; terms: those of each operand. */
    class Made {
        constructor(origin, terms, index) {
            Object.assign(this, { terms, index, constant: origin.constant, note: origin.note });
            this.cells = terms.map((values) => values[0]);
        }

        get everything() {
            return this.terms.flat();
        }
    }

    function seen({ index, cells, note, constant }) {
        const [query, key] = index.slice(-2);
        const ahead = ["causal", "both"].includes(note) && key > query;
        const padding = ["padding", "both"].includes(note) && cells[0] === constant;
        return !ahead && !padding;
    }

    function softmax({ cells, terms }) {
        const maximum = largest(terms[1]);
        return divided(Math.exp(shifted(cells[0], maximum)), total(terms[1].map((value) => Math.exp(shifted(value, maximum)))));
    }

    /** erf by a series whose terms are all positive. */
    function erf(x) {
        let [sum, term] = [0, x];
        for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
            sum += term;
            term *= (2 * x * x) / (2 * n + 1);
        }
        return Math.abs(x) > 6 ? Math.sign(x) : (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
    }

    const ACTIVATIONS = {
        relu: (x) => Math.max(0, x),
        gelu: (x) => (x / 2) * (1 + erf(x / Math.SQRT2)),
        gelu_tanh: (x) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
    };

    ACTIVATIONS.swiglu = (x) => x / (1 + Math.exp(-x));
    ACTIVATIONS.geglu = ACTIVATIONS.gelu;
    ACTIVATIONS.geglu_tanh = ACTIVATIONS.gelu_tanh;

    function inWindow({ index, cells: [reach, sinks] }) {
        const [query, key] = index.slice(-2);
        return key <= query && (query - key <= reach || key < sinks);
    }

    /** How steep the penalty of a head is: for a number of heads between two powers of two, the lower one's come first. */
    function slope({ index: [head], constant: heads }) {
        const lower = 2 ** Math.floor(Math.log2(heads));
        return head < lower ? 2 ** ((-8 * (head + 1)) / lower) : 2 ** ((-8 * (2 * (head - lower) + 1)) / (2 * lower));
    }

    /** A number of a pair turned by an angle; one that is its own partner stays. */
    function rotation({ cells: [number, other, angle, partner], index }) {
        const sign = Math.sign(index.at(-1) - partner);
        return sign ? number * Math.cos(angle) + sign * other * Math.sin(angle) : number;
    }

    /** Mean and variance of a number's company, the operands after the first. */
    function companyOf({ terms }) {
        const company = terms.slice(1).flat();
        return { mean: mean(company), variance: variance(company) };
    }

    function standardised(made) {
        const company = companyOf(made);
        return divided(made.cells[0] - company.mean, Math.sqrt(company.variance + made.constant));
    }

    /** Position and column of a cell of the table of waves: its own, or those that are given. */
    const waveOf = ({ cells, index, constant }) => {
        const [position, column] = cells.length ? cells : index;
        return { position, exponent: 2 * Math.floor(column / 2), width: constant, name: column % 2 ? "cos" : "sin" };
    };

    function position(made) {
        const wave = waveOf(made);
        return Math[wave.name](wave.position / 10000 ** (wave.exponent / wave.width));
    }

    /** The wave of a cell of the table while it is filled; none where it is not filled yet. */
    const filledWave = ({ index, note }) => {
        const name = index.at(-1) % 2 ? "cos" : "sin";
        return note.includes(name) ? name : "";
    };

    function wave(made) {
        const name = filledWave(made);
        return name ? Math[name](made.cells[0]) : 0;
    }

    function placeOfLargest({ terms: [values] }) {
        const margin = 1e-9 * Math.max(1, largest(values.map(Math.abs)));
        return values.findIndex((value) => value >= largest(values) - margin);
    }

    function share({ terms: [values], index, constant }) {
        const shares = falling(values).map((place) => values[place]);
        const line = index.at(-1);
        return line < constant ? shares[line] : Math.max(0, Math.min(1, 1 - total(shares.slice(0, constant))));
    }

    function crossEntropy({ cells, terms }) {
        const most = largest(terms[1]);
        return Math.log(total(terms[1].map((value) => Math.exp(value - most)))) - (cells[0] - most);
    }

    /** How many of the samples are counted at the stage of a cell. */
    const samplesSeen = ({ terms: [samples], index, constant }) => Math.floor((samples.length * (index[1] + 1)) / constant);

    function histogram(made) {
        const [samples, edges, [lower], [upper]] = made.terms;
        const [first, last] = [-largest(edges.map((edge) => -edge)), largest(edges)];
        const inside = samples.slice(0, samplesSeen(made)).map((sample) => Math.max(first, Math.min(last, sample)));
        return inside.filter((sample) => sample >= lower && (sample < upper || upper === last)).length;
    }

    /** The two numbers of which a count of multiplications is the product. */
    const factorsOf = ({ terms, index: [row, column] }) => terms.slice(4 * row + 2 * column, 4 * row + 2 * column + 2).map((values) => values.length);

    /** How far apart the ticks of an axis are that reaches as far as a row does. */
    const tickStep = ({ terms: [row], constant }) => Math.ceil(Math.max(constant, largest(row.map(Math.abs))) / 2);

    const COMPUTED = {
        copy: only,
        lookup: only,
        cut: only,
        concatenation: only,
        transpose: only,
        stack: only,
        product: products,
        projection: products,
        sum: ({ cells }) => total(cells),
        difference: ({ cells }) => cells[0] - cells[1],
        quotient,
        multiple: ({ cells, constant }) => cells[0] * constant,
        percentage: ({ cells }) => 100 * cells[0],
        root,
        total: ({ everything }) => total(everything),
        mean: ({ everything }) => mean(everything),
        variance: ({ everything }) => variance(everything),
        interpolation: ({ cells: [start, end, way], index, constant }) => start + (way ?? index[0] / constant) * (end - start),
        scaling: quotient,
        mask: (made) => (seen(made) ? 0 : -Infinity),
        window_mask: (made) => (inWindow(made) ? 0 : -Infinity),
        cap: ({ cells: [x], constant }) => constant * Math.tanh(x / constant),
        slope,
        penalty: ({ cells: [steep], index }) => -steep * Math.abs(index.at(-2) - index.at(-1)),
        masking: ({ cells: [score, mask] }) => score + mask,
        maximum: ({ everything }) => largest(everything),
        shift: ({ cells }) => shifted(...cells),
        exponential: ({ cells }) => Math.exp(cells[0]),
        division: quotient,
        softmax,
        filter: ({ cells: [value, mask] }) => (mask === -Infinity ? 0 : value),
        gradient: ({ cells: [p] }) => p * (1 - p),
        mean_square: ({ everything }) => mean(everything.map((value) => value ** 2)),
        deviation: root,
        normalisation: quotient,
        affine: ({ cells: [x, scale, shift] }) => x * scale + shift,
        standardisation: standardised,
        activation: ({ cells, note }) => ACTIVATIONS[note](cells[0]),
        opened: ({ terms: [row], index, constant }) => Number(falling(row).indexOf(index.at(-1)) < constant),
        share_of_opened: ({ cells: [p, open], terms: [, , row, all] }) => divided(p * open, dot(row, all)),
        mixture: ({ terms: [shares, ...outputs] }) => dot(shares, outputs.flat()),
        cosine: ({ terms: [first, second] }) => divided(dot(first, second), length(first) * length(second)),
        distance: ({ cells }) => Math.abs(cells[0] - cells[1]),
        largest_difference: ({ terms: [first, second] }) => largest(first.map((value, place) => Math.abs(value - second[place]))),
        counting: ({ index, constant }) => Math.floor(index[0] / constant),
        angle: ({ cells: [position, i], constant }) => position / 10000 ** ((2 * i) / constant),
        position,
        wave,
        turn: ({ cells, index }) => index[0] * cells[0],
        rotation,
        place: placeOfLargest,
        rank: ({ terms, index }) => falling(terms[0])[index.at(-1)],
        share,
        logarithm: ({ cells }) => -Math.log(cells[0]),
        cross_entropy: crossEntropy,
        outside: ({ cells, terms }) => Number(cells[0] < Math.min(...terms[1]) - NOISE || cells[0] > Math.max(...terms[1]) + NOISE),
        cell_count: ({ everything }) => everything.length,
        negative_count: ({ everything }) => everything.filter((value) => value < 0).length,
        word_count: ({ everything, constant }) => everything.filter((value) => value !== constant).length,
        histogram,
        multiplications: (made) => factorsOf(made).reduce((a, b) => a * b),
        ticks: (made) => (made.index[0] - 2) * tickStep(made),
    };

    const computed = (kind, made) => COMPUTED[kind](made);

    return { Made, computed, kinds: Object.keys(COMPUTED), mean, largest, falling, length, companyOf, seen, waveOf, filledWave, samplesSeen, factorsOf, tickStep };
})();
