"""Train the translator without each of its parts, and record what it then can do and what not.

    pip install torch==2.13.0 safetensors numpy pydantic
    python -m tools.train_ablations --without positions --seed 2    # one again, beside what is recorded of it
    python -m tools.train_ablations --jobs 2                        # all of them anew, three seeds each

A run takes one to two minutes on one core. The training is that of tools/train_translator.py, with nothing else
changed: the same lessons, steps, rates and rounding. All of them anew writes assets/models/ablations.json, the weights
of the first seed in assets/models/ablations, and the table in assets/models/translator.md; the whole model of the first
seed is the shipped translator.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from core.model.ablated import PARTS
from core.trace.trained_without import FOLDER, RESULTS, model_without
from tools.ablation_results import SEEDS, recorded, sizes_of_held_out, telling, text_of, told, with_table
from tools.train_translator import (
    FILE,
    Sizes,
    Training,
    arrays_of,
    core_model,
    lessons,
    model_file,
    only_one_thread,
    train,
)
from tools.translator_grammar import vocabulary
from tools.translator_measures import DIRECTIONS, measured

CARD = FILE.with_suffix(".md")
WHOLE = "nothing"  # what the whole model is trained without, on the command line

Arrays = dict[str, np.ndarray]


def sizes() -> Sizes:
    return Sizes(vocabulary=len(vocabulary()))


def trained(part: str, seed: int, folder: Path | None = None) -> Arrays:
    """The weights of one run; taken from the folder, where they are there, and kept there."""
    file = folder and folder / f"{part or WHOLE}-{seed}.safetensors"
    if file and file.exists():
        return load_file(file)
    only_one_thread()
    print(f"without {part or WHOLE}, seed {seed}", flush=True)
    arrays = arrays_of(train(sizes(), Training(seed=seed), lessons(), part))
    if file:
        save_file(arrays, file)
    return arrays


def run(part: str, seed: int, folder: Path | None = None) -> tuple[dict[str, Any], Arrays]:
    """One run: what is recorded of it, and its weights."""
    arrays = trained(part, seed, folder)
    return {"without": part, "seed": seed} | measured(core_model(arrays, sizes(), part)), arrays


def ship(part: str, arrays: Arrays) -> None:
    """Write the weights of the first seed: the translator's in float64, the others' in float32."""
    if not part:
        FILE.write_bytes(model_file(arrays, sizes()))
        return
    FOLDER.mkdir(exist_ok=True)
    small = {name: array.astype(np.float32) for name, array in arrays.items()}
    (FOLDER / f"{part}.safetensors").write_bytes(model_file(small, sizes(), part))


def all_runs(jobs: int, folder: Path | None) -> Iterator[dict[str, Any]]:
    """Every part and seed, first seed shipped."""
    wanted = list(product(("", *PARTS), SEEDS))
    with ProcessPoolExecutor(jobs) as pool:
        for (part, seed), (record, arrays) in zip(
            wanted, pool.map(run, *zip(*wanted, strict=True), [folder] * len(wanted)), strict=True
        ):
            if seed == SEEDS[0]:
                ship(part, arrays)
            yield record


def record_all(jobs: int, folder: Path | None) -> None:
    """Train everything, and write the results file, the shipped weights and the card's table."""
    results: dict[str, Any] = {
        "training": {name: value for name, value in asdict(Training()).items() if name != "seed"},
        "held_out": sizes_of_held_out(),
        "runs": list(all_runs(jobs, folder)),
    }
    model_without.cache_clear()
    whole = model_without("")
    results["telling"] = {
        part: {direction: told(part, telling(whole, model_without(part), direction)) for direction in DIRECTIONS}
        for part in PARTS
    }
    RESULTS.write_text(text_of(results), encoding="utf-8")
    CARD.write_text(with_table(CARD.read_text(encoding="utf-8"), results), encoding="utf-8")


def compare(part: str, seed: int) -> None:
    """Train one run again and print it beside what is recorded."""
    now, _ = run(part, seed)
    before = [record for record in recorded()["runs"] if (record["without"], record["seed"]) == (part, seed)]
    print("now:     ", json.dumps(now, ensure_ascii=False))
    print("recorded:", *(json.dumps(record, ensure_ascii=False) for record in before or [{}]))


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the translator without each of its parts.")
    parser.add_argument("--without", choices=(WHOLE, *PARTS), help="one part: train once and compare, write nothing")
    parser.add_argument("--seed", type=int, default=SEEDS[0])
    parser.add_argument("--jobs", type=int, default=1, help="how many to train at the same time")
    parser.add_argument("--folder", type=Path, help="where the weights of all runs are kept; those there are not new")
    options = parser.parse_args()
    if options.without:
        compare("" if options.without == WHOLE else options.without, options.seed)
    else:
        record_all(options.jobs, options.folder)


if __name__ == "__main__":
    main()
