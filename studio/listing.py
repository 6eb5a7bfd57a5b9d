"""The list of chapters with their steps."""

from __future__ import annotations

from scenes.stage.texts import load_texts


def chapter_list(language: str) -> str:
    """Chapters and steps, a line each: the name to type, and the title."""
    chapters = load_texts(language).chapters
    width = 4 + max(len(step) for chapter in chapters.values() for step in (*chapter.steps, ""))
    lines = []
    for number, (name, chapter) in enumerate(chapters.items(), start=1):
        lines.append(f"{number:>2}  {name:<{width}}  {chapter.title}")
        lines += [f"      {step:<{width - 2}}  {text.title}" for step, text in chapter.steps.items()]
    return "\n".join(lines)
