"""The list of chapters with their steps."""

from __future__ import annotations

from scenes.stage.chapter.texts import load_texts


def chapter_list(language: str) -> str:
    """Chapters and steps, a line each: the name to type, and the title."""
    chapters = load_texts(language).chapters
    width = 2 + max(len(name) for chapter in chapters.values() for name in (*chapter.steps, *chapters))
    lines = []
    for name, chapter in chapters.items():
        lines.append(f"{name:<{width}}  {chapter.title}")
        lines += [f"  {step:<{width - 2}}  {text.title}" for step, text in chapter.steps.items()]
    return "\n".join(lines)
