"""The command line: parses, checks, and hands over. Nothing here imports Manim before something is drawn."""

from __future__ import annotations

import os
import shlex
import signal
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

from cyclopts import App, CycloptsError, Parameter
from cyclopts.exceptions import MissingArgumentError, UnknownOptionError, UnusedCliTokensError

from core.examples.faults import listed, nearest
from scenes.storyboard import example_of
from studio.errors import BAD_INPUT, INTERRUPTED, OK, BadInput, Failure, judge, placed, unknown
from studio.files import check_length, let_go_of_all
from studio.insisting import insisting
from studio.options import (
    EXAMPLE_HELP,
    LANGUAGE,
    MOST_LOOPS,
    ClusterOption,
    LanguageOption,
    Look,
    Making,
    OutOption,
    Output,
    PaperMaking,
    SizeOption,
    WorkersOption,
    check_drawable,
    check_folder,
    check_language,
    check_size,
    read_example,
    scheduler_of,
    seconds,
    whole_number,
)
from studio.selection import all_chapters, as_word

if TYPE_CHECKING:
    from scenes.stage.chapter.settings import Settings
    from studio.engine.quality import Picture

_DASHES = "–—−"
LESSON = "lesson"
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

HELP = """\
Films that show attention, number by number, on an example of your own.

For instance:
  ./render.sh                                    the whole film, into films/
  ./render.sh --list                             its chapters and their steps
  ./render.sh scores softmax                     two chapters as clips
  ./render.sh new mine                           an example to edit: mine.toml
  ./render.sh desk mine.toml                     edit it in the browser; the picture follows
  ./render.sh check mine.toml                    is it right, what is shown?
  ./render.sh --example mine.toml --language zh  the film of it, in Chinese
  ./render.sh clips scores --format mp4,gif      a clip of every step of a chapter
  ./render.sh still softmax --theme light        the picture a chapter ends on
  ./render.sh compare default by-hand softmax    two examples side by side
  ./render.sh new lesson monday                  which steps of which examples, and how: monday.toml
  ./render.sh slides monday.toml                 slides of it; every command takes a lesson

What is there already and has not changed is not rendered again.
"""

_LIST_HELP = "List the chapters with their steps and stop."
_FORMAT_HELP = "Pixels, or a vector of any size for papers; png if none is given."
PICTURES = ("png", "svg", "pdf")
_CLIP_FORMAT_HELP = """\
mp4, gif, webp (both small and soon loaded), webm, mov (both with a transparent background); several with commas."""
_LONGEST_HELP = "No GIF or WebP of a step that is longer."
_LOOP_HELP = "How often a GIF or WebP plays; 0: for ever."
_WITHOUT_HELP = "Beside the example itself without scaling, mask, positions or heads."
_CHANGE_HELP = "Beside the example itself with a field otherwise: mask=none, weights.w_q[1][2]=0.5."
_PORT_HELP = "Of the desk; any that is free if none is given."
_PORT = whole_number("--port", 0, 65535)
_LONGEST, _LOOP = seconds("--longest", 0, 3600), whole_number("--loop", 0, MOST_LOOPS)
_STEPS_HELP = """\
Chapters, films (attention if none is named), or steps: softmax:divide, softmax:lift..divide, -softmax:heat; or a \
lesson file, and what of it."""
ChaptersOrSteps = Annotated[str, Parameter(help=_STEPS_HELP)]

app = App(
    name="./render.sh",
    help=HELP,
    help_format="plaintext",
    usage="Usage: ./render.sh [CHAPTER …] [OPTIONS]   or   ./render.sh COMMAND …",
    version_flags=[],
    result_action="return_value",
    suppress_keyboard_interrupt=False,
    default_parameter=Parameter(negative=()),
)


@app.default
def render(
    *chapters: ChaptersOrSteps,
    making: Making | None = None,
    list_: Annotated[bool, Parameter(name="--list", show_default=False, help=_LIST_HELP)] = False,
) -> None:
    """Render the film, or the chapters or steps named as clips."""
    making = making or Making()
    if list_:
        from studio.selection import chapter_list

        _tell(chapter_list(check_language(making.look.language)))
        return
    orders = making.orders(chapters, commands=app.resolved_commands())
    from studio.exports.sidecars import render as render_films

    with making.scheduler() as scheduler:
        for order in orders:
            _print(render_films(order, scheduler))


@app.command
def new(name: str, named: str | None = None, /, *, language: LanguageOption = "en", out: OutOption = Path()) -> None:
    """Write NAME.toml, a commented example file to start from; after the word lesson, a lesson file."""
    from studio.examples import write_new

    if named is not None and name != LESSON:
        raise BadInput(f"{named}: found one argument too many; allowed: ./render.sh new {name}, or new {LESSON} {name}")
    kind = "template" if named is None else LESSON
    path = write_new(named or name, check_language(language), check_folder(out), kind)
    typed = f"./{path}" if str(path).startswith("-") else str(path)
    _tell(f"{path} is written. Edit it, then: ./render.sh check {shlex.quote(typed)}")


@app.command
def check(file: str, /, *, language: LanguageOption = LANGUAGE, size: SizeOption = "normal") -> None:
    """Check an example file, say what would be shown, and for which numbers there is no room; or a lesson file, and say
    what it shows and how long it takes.
    """
    from scenes.stage.chapter.texts import check_texts
    from studio.examples import shown
    from studio.exports.room import without_room
    from studio.lessons.fields import is_lesson

    check_language(language)
    check_size(size)
    check_texts()
    if is_lesson(file):
        _check_lesson(file, Look(language=language))
        return
    example = check_drawable(read_example(file))
    _tell(shown(example), flush=True)
    _tell(without_room(example, language, size))


def _check_lesson(file: str, look: Look) -> None:
    """Check a lesson; what it shows and how long it takes is said in the language asked for, else in its first."""
    from studio.films.local_processes import LocalProcesses, processors
    from studio.lessons.fit import fitted
    from studio.lessons.lengths import timed
    from studio.lessons.overview import fitting, lasting, shown

    lesson = look.lesson(file)
    language = look.asked.get("language", lesson.language)
    _tell(shown(lesson, language), flush=True)
    with LocalProcesses(processors()) as scheduler:
        if lesson.minutes is not None:
            whole, (lesson, fit) = lesson, fitted(lesson, language, scheduler)
            _tell(fitting(whole, fit))
        _tell(lasting(timed(lesson.parts, language, scheduler)))


@app.command
def numbers(
    *names: Annotated[str, Parameter(help="Only these, e.g. `scores` or `heads`; everything if none is named.")],
    example: Annotated[str | None, Parameter(name="--example", metavar="NAME|FILE", help=EXAMPLE_HELP)] = None,
    language: LanguageOption = LANGUAGE,
    json: Annotated[bool, Parameter(show_default=False, help="Print JSON instead of tables.")] = False,
    npz: Annotated[Path | None, Parameter(help="Write the arrays to this .npz file instead.")] = None,
) -> None:
    """Print every number of an example, from the tokens to the output."""
    from studio.examples import numbers_of
    from studio.lessons.ordering import lesson_among, only_example
    from studio.selection import DEFAULT_FILM

    lesson, rest = lesson_among(names)
    if lesson and example is None:
        look = Look(language=language)
        _tell(numbers_of(rest, only_example(look.lesson(lesson), look.asked.get("language")), json, npz))
        return
    named = example_of(DEFAULT_FILM, check_language(language)) if example is None else example
    _tell(numbers_of(rest, read_example(named), json, npz))


@app.command
def still(
    chapter: Annotated[str, Parameter(help="A chapter, for the picture it ends on, or steps: softmax:divide.")],
    /,
    *further: Annotated[str, Parameter(help="A step of this chapter; or further chapters and steps.")],
    look: Look | None = None,
    output: Output | None = None,
    format_: Annotated[str | None, Parameter(name="--format", metavar="png|svg|pdf", help=_FORMAT_HELP)] = None,
) -> None:
    """Draw the last frames of steps (of a chapter, if none is named) as PNG, or as vectors: SVG, PDF."""
    making = Making(look or Look(), output or Output())
    out = making.output.out
    kind, wanted = _picture_format(format_, out), making.stills((chapter, *further))
    if len(wanted) > 1 and out.suffix[1:].lower() in PICTURES:
        raise BadInput(f"--out: found one picture, {out}; allowed: a folder for {len(wanted)} pictures")
    for one in wanted:
        target = _image_path(out, "stills", one.file, kind, PICTURES)
        _tell(_draw(one.chapter, one.step, one.settings, one.picture, target))


def _draw(chapter: str, step: str, settings: Settings, picture: Picture, target: Path) -> Path:
    """Draw the last frame of a step, as its file's ending says."""
    if target.suffix.lower() != ".png":
        from studio.exports.vector import save_vector

        return save_vector(chapter, step, settings, target)
    from studio.exports.stills import save_image, still

    return save_image(still(chapter, step, settings, picture), target)


@app.command
def sheet(
    *chapters: ChaptersOrSteps,
    making: Making | None = None,
    motion: Annotated[bool, Parameter(show_default=False, help="Also frames from the midst of each step.")] = False,
) -> None:
    """Draw the last frames of all steps of the chapters (of the film if none is named) on one PNG."""
    making = making or Making()
    from studio.exports.sheet import contact_sheet
    from studio.exports.stills import save_image

    with making.scheduler() as scheduler:
        for order in making.orders(chapters, "png", quality="medium"):
            target = _image_path(order.out, "sheets", order.name)
            _tell(save_image(contact_sheet(order.parts, order.picture, scheduler, motion=motion), target))


@app.command
def clips(
    *chapters: ChaptersOrSteps,
    making: Making | None = None,
    format_: Annotated[str, Parameter(name="--format", metavar="NAME[,NAME…]", help=_CLIP_FORMAT_HELP)] = "mp4",
    longest: Annotated[float, Parameter(metavar="SECONDS", help=_LONGEST_HELP, converter=_LONGEST)] = 15,
    loop: Annotated[int, Parameter(metavar="N", help=_LOOP_HELP, converter=_LOOP)] = 1,
) -> None:
    """Make a clip of every step of the chapters (the film if none is named), with poster, captions and transcript."""
    making = making or Making()
    orders = making.orders(chapters)
    from studio.exports.step_clips import Wanted, check_formats, make_clips

    wanted = Wanted(check_formats(format_), longest, loop)
    with making.scheduler() as scheduler:
        for order in orders:
            _print(make_clips(order, wanted, scheduler))


@app.command
def compare(
    example: Annotated[str, Parameter(help="An example: a file, or the name of a shipped one.")],
    /,
    *further: Annotated[str, Parameter(help="The example that it is shown beside; then chapters, films or steps.")],
    making: Making | None = None,
    without: Annotated[str | None, Parameter(metavar="NAME", help=_WITHOUT_HELP)] = None,
    change: Annotated[tuple[str, ...], Parameter(metavar="FIELD=VALUE", help=_CHANGE_HELP)] = (),
) -> None:
    """Render chapters or steps of two examples side by side, or of one beside itself with something changed."""
    from studio.comparing import compared, other_of

    making = making or Making()
    order = compared(making, example, other_of(example, further, without, change))
    from studio.exports.sidecars import render as render_films

    with making.scheduler() as scheduler:
        _print(render_films(order, scheduler))


@app.command
def page(*chapters: ChaptersOrSteps, making: Making | None = None) -> None:
    """Write a folder with a page that opens from disk: the clips, their steps and captions, and every number."""
    making = making or Making()
    orders = making.orders(chapters)
    from studio.exports.page.build import write_page
    from studio.films.film_script import scripts

    with making.scheduler() as scheduler:
        for order in orders:
            _tell(write_page(scripts(order, scheduler), order.out / "pages" / order.name))


@app.command
def slides(
    *chapters: ChaptersOrSteps,
    making: Making | None = None,
    kind: Annotated[str | None, Parameter(metavar="pptx|reveal", help="Only these slides; both if none.")] = None,
    one_file: Annotated[bool, Parameter(show_default=False, help="For a browser one HTML file, not a folder.")] = False,
) -> None:
    """Write slides with a movie for each step: a PowerPoint deck, and one for a browser (reveal.js)."""
    making = making or Making()
    from studio.exports.slides import check_kind, write_slides

    orders, kinds = making.orders(chapters), check_kind(kind)
    with making.scheduler() as scheduler:
        for order in orders:
            _print(write_slides(order, kinds, one_file, scheduler))


@app.command
def handout(*chapters: ChaptersOrSteps, making: PaperMaking | None = None) -> None:
    """Write a PDF to print: a picture of each step, as a vector, and beside it what is said."""
    making = making or PaperMaking()
    with making.scheduler() as scheduler:
        for order in making.orders(chapters, "pdf"):
            target = _image_path(order.out, "handouts", order.name, "pdf")
            from studio.exports.handout import write_handout

            _tell(write_handout(order.parts, target, scheduler))


@app.command
def desk(
    file: str | None = None,
    /,
    *,
    language: LanguageOption = "en",
    port: Annotated[int, Parameter(metavar="N", help=_PORT_HELP, converter=_PORT)] = 0,
    no_browser: Annotated[bool, Parameter(show_default=False, help="Only print the address.")] = False,
) -> None:
    """Edit an example in the browser, on this machine alone; the picture follows. Ends with Ctrl-C."""
    check_language(language)
    from studio.desk.document import opened
    from studio.desk.server import run

    run(opened(file, language), port, language, browser=not no_browser)


@app.command
def batch(
    file: str,
    /,
    *,
    out: OutOption = Path("films"),
    workers: WorkersOption = None,
    cluster: ClusterOption = None,
    dry_run: Annotated[bool, Parameter(show_default=False, help="Only say how much there is to do.")] = False,
) -> None:
    """Make many films: FILE names examples or lessons, and in which languages, themes and qualities, as what."""
    from studio.batch.make import forecast, make
    from studio.batch.report import tell_forecast, tell_tally
    from studio.batch.wishes import wishes_of

    wishes = wishes_of(Path(file), check_folder(out))
    with scheduler_of(workers, cluster) as scheduler:
        if dry_run:
            tell_forecast(forecast(wishes, scheduler))
            return
        tally = make(wishes, scheduler)
    tell_tally(tally)
    if tally.failed:
        raise Failure(f"{len(tally.failed)} of {len(tally.outcomes)} could not be made.")


@app.command
def watch(
    file: str,
    step: Annotated[str, Parameter(help="A chapter, for the picture it ends on, or a step: softmax:divide.")],
    /,
    *,
    look: Look | None = None,
    output: Output | None = None,
    format_: Annotated[str | None, Parameter(name="--format", metavar="png|svg|pdf", help=_FORMAT_HELP)] = None,
) -> None:
    """Draw the last frame of a step of an example or lesson file, anew each time that it is saved. Ends with Ctrl-C."""
    look, output = look or Look(), output or Output()
    if look.example is not None:
        raise BadInput(f"--example: found {look.example}; allowed: none here: {file} is watched")
    from studio.desk.watch import watch as watch_file
    from studio.lessons.fields import is_lesson

    words = (file, step) if is_lesson(file) else (step,)
    making = Making(look if is_lesson(file) else replace(look, example=file), output)
    kind = _picture_format(format_, output.out)
    target = _image_path(output.out, "stills", f"{Path(file).stem}-{step.replace(':', '-')}", kind, PICTURES)

    def draw() -> None:
        one = making.stills(words)[0]
        _tell(_draw(one.chapter, one.step, one.settings, one.picture, target), flush=True)

    watch_file(Path(file), target, draw)


@app.command
def clear(*, out: OutOption = Path("films")) -> None:
    """Remove the drawn steps that are kept so that nothing is drawn twice. Films stay."""
    from studio.films.store import SegmentStore

    _tell(f"{SegmentStore(out).clear() / 1e6:.0f} MB removed from {out}")


def _picture_format(asked: str | None, out: Path) -> str:
    """The format asked for; if none is, that of the picture that `--out` names."""
    if asked is not None and asked not in PICTURES:
        raise unknown("--format", asked, PICTURES)
    named = out.suffix[1:].lower()
    if asked and named in PICTURES and asked != named:
        raise BadInput(f"--format: found {asked}, but --out names the {named.upper()} {out}")
    return asked or (named if named in PICTURES else PICTURES[0])


def _image_path(out: Path, folder: str, name: str, kind: str = "png", kinds: Sequence[str] = ()) -> Path:
    """`--out` is a folder, or the picture itself if it ends as one does. Checks that it can be written."""
    from studio.files import writable_folder

    target = check_folder(out, *kinds or (kind,))
    if out.suffix.lower() != f".{kind}" or out.is_dir():
        check_length(name)
        target = out / folder / f"{name}.{kind}"
    writable_folder(target.parent)
    return target


def _print(paths: Iterable[Path]) -> None:
    """Each as soon as it is there."""
    for path in paths:
        _tell(path)


def _tell(what: object, flush: bool = False) -> None:
    """Print something."""
    with placed("The output"):
        print(what, flush=flush)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    before = {number: signal.getsignal(number) for number in ENDING}
    try:
        for number in ENDING:
            if before[number] is not signal.SIG_IGN:  # as `nohup` has it, and a shell for what runs in the background
                signal.signal(number, _interrupt)
        with insisting(_interrupt):
            return _run(arguments)
    except KeyboardInterrupt:
        _stay_deaf()
        return _complain(INTERRUPTED, "Interrupted.")
    finally:
        _stay_deaf()
        let_go_of_all()
        for number in ENDING:
            signal.signal(number, before[number])


def _run(arguments: Sequence[str] | None) -> int:
    try:
        app([*map(as_word, sys.argv[1:] if arguments is None else arguments)], exit_on_error=False, print_error=False)
        with placed("The output"):
            sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()
    except CycloptsError as error:
        return _complain(BAD_INPUT, _told(error))
    except Exception as error:
        verdict = judge(error)
        if verdict is None:
            raise
        return _complain(*verdict)
    return OK


def _told(error: CycloptsError) -> str:
    """What the parser says of a command line, in one line."""
    if isinstance(error, MissingArgumentError) and error.argument:
        name = error.keyword or error.argument.name
        example = f"{' '.join(['./render.sh', *(error.command_chain or ())])} {name} …"
        return f"{name}: found nothing; allowed: " + ("a value behind it" if name.startswith("-") else example)
    if isinstance(error, UnknownOptionError):
        options = [name for argument in error.argument_collection or () for name in argument.names]
        return _no_option(error.token.keyword or error.token.value, options)
    if isinstance(error, UnusedCliTokensError) and error.unused_tokens:
        if error.unused_tokens[0][:1] in _DASHES:
            return _no_option(error.unused_tokens[0], [])
        return f"{error.unused_tokens[0]}: found one argument too many; allowed: see --help"
    return " ".join(str(error).split())


def _no_option(found: str, options: Iterable[str]) -> str:
    """What is said of an option that there is not; a long dash, as editors make of --, is one."""
    options = sorted({name for name in options if name.startswith("--")})
    dashed = f"--{found.lstrip(_DASHES + '-').partition('=')[0]}"
    near = nearest(found, [*options, *(f"-{name}" for name in all_chapters())]) if found[:2] != "--" else None
    near = near or (nearest(dashed, options) if options else dashed)
    hint = f"; did you mean {near}?" if near else ""
    return f"{found}: found no such option; allowed: {listed(options) or 'two hyphens before an option'}{hint}"


def _complain(code: int, message: str) -> int:
    print(message, file=sys.stderr)
    return code


def _drop_output() -> None:
    """Nobody reads what is printed, and nobody can write it: that is no reason to complain when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _interrupt(signum: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _stay_deaf() -> None:
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)
