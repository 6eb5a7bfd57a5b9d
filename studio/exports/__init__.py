"""What is made of chapters beside films: clips, slides, pages, hand-outs, stills, captions."""
