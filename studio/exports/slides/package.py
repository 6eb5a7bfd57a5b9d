"""What a deck is packed in: the library's template, without what is not ours and what strict readers refuse.

The template is for slides of 4:3, names the program and the printer that it was made with, has a picture of its own
first slide, and says nothing of notes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Inches

NOTES_GAP = Inches(0.25)
FOREIGN = ("/printerSettings", "/thumbnail", "/extended-properties")
_ABOUT = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"><Slides>{slides}</Slides>\
<Notes>{notes}</Notes><HiddenSlides>0</HiddenSlides><MMClips>{movies}</MMClips></Properties>"""


def widen(document: Any, width: int, height: int) -> None:
    """Make the slides that size, and the places for texts in master and layouts as much wider and taller."""
    factors = width / document.slide_width, height / document.slide_height
    document.slide_width, document.slide_height = width, height
    size = document.part._element.find(qn("p:sldSz"))
    size.attrib.pop("type", None)
    for page in (document.slide_master, *document.slide_layouts):
        for place in page._element.iter(qn("a:off"), qn("a:ext")):
            for name, factor in zip(_sides(place), factors, strict=False):
                place.set(name, str(round(int(place.get(name)) * factor)))


def tidy(document: Any, language: str) -> None:
    """Leave out what is not ours; say what notes stand on, how many slides there are, and the language of all texts."""
    for relations in (document.part.rels, document.part.package._rels):
        for number in [one.rId for one in relations.values() if one.reltype.endswith(FOREIGN)]:
            relations.pop(number)
    _tell_notes_master(document)
    _arrange_notes(document)
    _describe(document)
    for element in _texts(document):
        for run in element.iter(qn("a:rPr"), qn("a:endParaRPr"), qn("a:defRPr")):
            if run.get("lang"):
                run.set("lang", language)


def _sides(place: Any) -> tuple[str, ...]:
    """The attributes of a place or a size; an extension is called as a size is, and has none."""
    return tuple(name for name in (("x", "y") if place.tag == qn("a:off") else ("cx", "cy")) if place.get(name))


def _tell_notes_master(document: Any) -> None:
    """The library makes a master for notes and does not list it."""
    presentation, masters = document.part._element, document.part._element.find(qn("p:sldMasterIdLst"))
    numbers = [one.rId for one in document.part.rels.values() if one.reltype == RELATIONSHIP_TYPE.NOTES_MASTER]
    if numbers and presentation.find(qn("p:notesMasterIdLst")) is None:
        listed = f'<p:notesMasterIdLst {nsdecls("p", "r")}><p:notesMasterId r:id="{numbers[0]}"/></p:notesMasterIdLst>'
        masters.addnext(parse_xml(listed))


def _arrange_notes(document: Any) -> None:
    """On a page of notes the slide's picture has the slide's shape, and the notes have the page below it."""
    places = {place.placeholder_format.type: place for place in document.notes_master.placeholders}
    picture, notes = places[PP_PLACEHOLDER.SLIDE_IMAGE], places[PP_PLACEHOLDER.BODY]
    bottom, height = notes.top + notes.height, picture.width * document.slide_height // document.slide_width
    picture.left, picture.top, picture.width, picture.height = picture.left, picture.top, picture.width, height
    notes.left, notes.width = notes.left, notes.width
    notes.top = picture.top + height + NOTES_GAP
    notes.height = bottom - notes.top


def _describe(document: Any) -> None:
    slides = list(document.slides)
    movies = sum(1 for slide in slides for _ in slide._element.iter(qn("a:videoFile")))
    notes = sum(slide.has_notes_slide for slide in slides)
    told = _ABOUT.format(slides=len(slides), notes=notes, movies=movies).encode()
    package = document.part.package
    about = Part(PackURI("/docProps/app.xml"), CONTENT_TYPE.OFC_EXTENDED_PROPERTIES, package, told)
    package.relate_to(about, RELATIONSHIP_TYPE.EXTENDED_PROPERTIES)


def _texts(document: Any) -> Iterator[Any]:
    yield document.part._element
    yield document.slide_master._element
    yield from (layout._element for layout in document.slide_layouts)
    yield document.notes_master._element
