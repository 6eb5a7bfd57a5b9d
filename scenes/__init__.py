"""The chapters, a folder each, in the order of `scenes.storyboard`; `stage` is what they are written in."""
