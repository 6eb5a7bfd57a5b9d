"""Slides as a PowerPoint deck: each step's movie fills a slide and plays when it is entered; its last frame stays, and
is what is printed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape
from itertools import count
from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE, PP_PLACEHOLDER
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Inches, Length, Pt

from core.examples.languages import Office, language_of
from scenes.stage.paint.painting import hexadecimal
from scenes.stage.paint.theme import Colour
from studio.exports.slides.deck import LEADING, Deck, Part, Section, Slide, tall, wide
from studio.exports.slides.package import tidy, widen
from studio.files import whole_file

WIDTH, HEIGHT = Inches(13 + 1 / 3), Inches(7.5)
MARGIN = Inches(1)
TITLE_ONLY = 5  # the template's layout of a title and nothing else
CODE = "Courier New"
CODE_LETTER = 0.6
NOTE_SIZE = 11
NUMBER_SIZES = (9, 8, 7, 6, 5, 4)
NOTE_WIDTH, NOTE_HEIGHT = 415, 380  # in points: of what a page of notes has below the slide's picture


def write_powerpoint(deck: Deck, target: Path) -> Path:
    """Write the deck: a title slide for each film, one for each chapter, and one for each step."""
    document = Presentation()
    widen(document, WIDTH, HEIGHT)
    paper = document.slide_master.background.fill
    paper.solid()
    paper.fore_color.rgb = _rgb(deck.theme.background)
    _describe(document.core_properties, deck)
    writer = _Writer(document, deck)
    for part in deck.parts:
        writer.add_part(part)
        for section in part.sections:
            writer.add_section(section)
            for slide in section.slides:
                writer.add_step(section, slide)
    tidy(document, writer.office.tag)
    with whole_file(target) as unfinished:
        document.save(str(unfinished))
    return target


def _describe(properties: Any, deck: Deck) -> None:
    """The template names an author and a date of its own."""
    properties.title, properties.language = deck.title, deck.language
    properties.author = properties.last_modified_by = deck.author
    properties.created = properties.modified = datetime.now(UTC)


class _Writer:
    def __init__(self, document: Any, deck: Deck) -> None:
        self.theme, self.office = deck.theme, language_of(deck.language).office
        self.slides = document.slides
        self.titles = Counter(slide.title for slide in deck.slides)
        self.used: set[str] = set()
        self.layout = document.slide_layouts[TITLE_ONLY]

    def add_part(self, part: Part) -> None:
        page = self._page(self._unique(part.title), Inches(2.3), Inches(1.5), Pt(54))
        self._accent(page, Inches(4.05))
        self._lines(page, [part.subtitle], Inches(4.3), Inches(0.9), Pt(24))
        self._lines(page, list(part.example), Inches(5.2), Inches(2), Pt(part.example_size))
        self._say(self._notes(page), part.example, self.office)

    def add_section(self, section: Section) -> None:
        page = self._page(self._unique(section.title), Inches(0.9), Inches(1), Pt(44))
        self._accent(page, Inches(2.05))
        if section.number:
            self._lines(page, [section.number], Inches(0.45), Inches(0.5), Pt(24), self.theme.hue("focus"))
        steps = [f"{number}   {slide.title}" for number, slide in enumerate(section.slides, start=1)]
        self._lines(page, steps, Inches(2.4), Inches(4.6), Pt(22))

    def add_step(self, section: Section, slide: Slide) -> None:
        """A title above the slide, for outlines and screen readers, and the movie all over it."""
        own = slide.title if self.titles[slide.title] == 1 else f"{section.title}: {slide.title}"
        page = self._page(self._unique(own), -Inches(1), Inches(0.8), Pt(24))
        movie = page.shapes.add_movie(str(slide.movie), 0, 0, WIDTH, HEIGHT, str(slide.poster), "video/mp4")
        movie.name = page.shapes.title.text
        movie._element.nvPicPr.cNvPr.set("descr", " ".join(slide.said))
        _play_on_entry(page, movie.shape_id, slide.milliseconds)
        self._note(page, slide)

    def _unique(self, title: str) -> str:
        """The title, numbered if another slide has it: a screen reader goes by titles."""
        numbered = (title if number == 1 else f"{title} ({number})" for number in count(1))
        self.used.add(free := next(name for name in numbered if name not in self.used))
        return free

    def _page(self, title: str, top: Length | int, height: Length, size: Length) -> Any:
        page = self.slides.add_slide(self.layout)
        shape = page.shapes.title
        shape.left, shape.top, shape.width, shape.height = MARGIN, top, WIDTH - 2 * MARGIN, height
        shape.text_frame.vertical_anchor = MSO_ANCHOR.BOTTOM
        self._write(shape.text_frame, [title], size, self.theme.ink, bold=True)
        return page

    def _accent(self, page: Any, top: Length) -> None:
        """A short line below a title."""
        line = page.shapes.add_shape(MSO_SHAPE.RECTANGLE, MARGIN + Inches(0.1), top, Inches(1.2), Pt(4))
        line.fill.solid()
        line.fill.fore_color.rgb = _rgb(self.theme.hue("focus"))
        line.line.fill.background()
        line.shadow.inherit = False

    def _lines(
        self, page: Any, lines: list[str], top: Length, height: Length, size: Length, colour: Colour | None = None
    ) -> None:
        box = page.shapes.add_textbox(MARGIN, top, WIDTH - 2 * MARGIN, height)
        box.text_frame.word_wrap = True
        self._write(box.text_frame, lines, size, colour or self.theme.quiet)

    def _write(self, frame: Any, lines: list[str], size: Length, colour: Colour, *, bold: bool = False) -> None:
        frame.text = "\n".join(lines)
        for paragraph in frame.paragraphs:
            paragraph.alignment = PP_ALIGN.LEFT
            paragraph.space_after = Pt(size.pt / 4)
            for run in paragraph.runs:
                _set_fonts(run.font, self.office.latin, self.office.east_asian)
                run.font.size, run.font.bold = size, bold
                run.font.color.rgb = _rgb(colour)
                run.font._rPr.set("lang", self.office.tag)

    def _note(self, page: Any, slide: Slide) -> None:
        """When it plays, what is said in all languages, each named for who reads it aloud, and below it the numbers, in
        columns and so small that a printed page has them all.
        """
        frame = self._notes(page)
        self._say(frame, (slide.times, *slide.said), self.office)
        for language, said in slide.said_otherwise.items():
            self._say(frame, ("", *said), language_of(language).office)
        if slide.numbers:
            numbers, size = slide.numbers.split("\n"), _number_size(slide)
            for run in self._say(frame, ("", *numbers), self.office):
                _set_fonts(run.font, CODE, self.office.east_asian)
                run.font.size = Pt(size)

    def _notes(self, page: Any) -> Any:
        """The text of a slide's notes, still empty; the place for a slide's number goes: there is none in it."""
        notes = page.notes_slide
        for place in list(notes.placeholders):
            if place.placeholder_format.type == PP_PLACEHOLDER.SLIDE_NUMBER:
                place._element.getparent().remove(place._element)
        return notes.notes_text_frame

    def _say(self, frame: Any, lines: Sequence[str], office: Office) -> list[Any]:
        """Add a paragraph for each line; returns what is written in them."""
        runs = []
        for line in lines:
            first = frame.paragraphs[0]
            paragraph = frame.add_paragraph() if first.runs or len(frame.paragraphs) > 1 else first
            runs.append(paragraph.add_run())
            runs[-1].text, runs[-1].font.size = line, Pt(NOTE_SIZE)
            runs[-1].font._rPr.set("lang", office.tag)
        return runs


def _number_size(slide: Slide) -> int:
    """The largest size of type in which a step's numbers have room below what is said, no line broken."""
    lines = slide.numbers.split("\n")
    room = NOTE_HEIGHT - tall(slide.notes, NOTE_SIZE, NOTE_WIDTH)
    widest = max(sum(wide(char, CODE_LETTER) for char in line) for line in lines)
    fits = (size for size in NUMBER_SIZES if widest * size <= NOTE_WIDTH and len(lines) * LEADING * size <= room)
    return next(fits, NUMBER_SIZES[-1])


def _set_fonts(font: Any, latin: str, east_asian: str) -> None:
    """The font of letters, and that of ideographs among them."""
    font.name = latin
    font._rPr.find(qn("a:latin")).addnext(parse_xml(f'<a:ea {nsdecls("a")} typeface="{escape(east_asian)}"/>'))


def _rgb(colour: Colour) -> RGBColor:
    return RGBColor.from_string(hexadecimal(colour)[1:])


# --- timing -----------------------------------------------------------------------------------------------------------


def _play_on_entry(page: Any, shape: int, milliseconds: int) -> None:
    """The movie begins with the slide; a click on it holds it or lets it go on, one beside it goes to the next slide.

    As PowerPoint writes it for a video that is played "automatically". `fill="hold"`: its last frame stays.
    """
    timing = page._element.find(qn("p:timing"))
    if timing is not None:
        page._element.remove(timing)
    ids = count(1)
    root, main = next(ids), next(ids)
    at_once = f'<p:cond delay="indefinite"/><p:cond evt="onBegin" delay="0"><p:tn val="{main}"/></p:cond>'
    play = _effect(ids, "playFrom(0.0)", 1, shape, milliseconds, "afterEffect", at_once)
    media, toggle = next(ids), next(ids)
    pause = _effect(ids, "togglePause", 2, shape, 1, "clickEffect", '<p:cond delay="0"/>')
    on_shape = f'<p:cond evt="onClick" delay="0"><p:tgtEl><p:spTgt spid="{shape}"/></p:tgtEl></p:cond>'
    xml = f"""
    <p:timing {nsdecls("p")}><p:tnLst><p:par>
      <p:cTn id="{root}" dur="indefinite" restart="never" nodeType="tmRoot"><p:childTnLst>
        <p:seq concurrent="1" nextAc="seek">
          <p:cTn id="{main}" dur="indefinite" nodeType="mainSeq"><p:childTnLst>{play}</p:childTnLst></p:cTn>
          <p:prevCondLst><p:cond evt="onPrev" delay="0"><p:tgtEl><p:sldTgt/></p:tgtEl></p:cond></p:prevCondLst>
          <p:nextCondLst><p:cond evt="onNext" delay="0"><p:tgtEl><p:sldTgt/></p:tgtEl></p:cond></p:nextCondLst>
        </p:seq>
        <p:video><p:cMediaNode vol="80000">
          <p:cTn id="{media}" fill="hold" display="0">
            <p:stCondLst><p:cond delay="indefinite"/></p:stCondLst>
          </p:cTn>
          <p:tgtEl><p:spTgt spid="{shape}"/></p:tgtEl>
        </p:cMediaNode></p:video>
        <p:seq concurrent="1" nextAc="seek">
          <p:cTn id="{toggle}" restart="whenNotActive" fill="hold" evtFilter="cancelBubble" nodeType="interactiveSeq">
            <p:stCondLst>{on_shape}</p:stCondLst>
            <p:endSync evt="end" delay="0"><p:rtn val="all"/></p:endSync>
            <p:childTnLst>{pause}</p:childTnLst>
          </p:cTn>
          <p:nextCondLst>{on_shape}</p:nextCondLst>
        </p:seq>
      </p:childTnLst></p:cTn>
    </p:par></p:tnLst></p:timing>"""
    page._element._insert_timing(parse_xml(xml))


def _effect(ids: count[int], command: str, preset: int, shape: int, milliseconds: int, node: str, begins: str) -> str:
    """A command to a movie, in the three containers that PowerPoint puts around every effect."""
    outer, inner, effect, behaviour = (next(ids) for _ in range(4))
    return f"""
    <p:par><p:cTn id="{outer}" fill="hold">
      <p:stCondLst>{begins}</p:stCondLst>
      <p:childTnLst><p:par><p:cTn id="{inner}" fill="hold">
        <p:stCondLst><p:cond delay="0"/></p:stCondLst>
        <p:childTnLst><p:par><p:cTn id="{effect}" presetID="{preset}" presetClass="mediacall" presetSubtype="0"
            fill="hold" nodeType="{node}">
          <p:stCondLst><p:cond delay="0"/></p:stCondLst>
          <p:childTnLst><p:cmd type="call" cmd="{command}"><p:cBhvr>
            <p:cTn id="{behaviour}" dur="{milliseconds}" fill="hold"/>
            <p:tgtEl><p:spTgt spid="{shape}"/></p:tgtEl>
          </p:cBhvr></p:cmd></p:childTnLst>
        </p:cTn></p:par></p:childTnLst>
      </p:cTn></p:par></p:childTnLst>
    </p:cTn></p:par>"""
