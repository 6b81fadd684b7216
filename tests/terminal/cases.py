"""The cases: a newcomer's run of the demo, each in another kind of window, or without one, or broken off."""
import subprocess

import promises
import test_promises
import test_screen
from demo import AT_THE_END, SCALE, WATCH, Demo
from leftovers import Place
from screen import columns

cases = {}


def case(name):
    def mark(function):
        cases[name] = function
        return function
    return mark


@case("the small terminal itself")
def small_terminal(_):
    return test_screen.failures()


@case("what breaks a promise is found")
def broken_promises(_):
    return test_promises.failures()


@case("a window of 80 columns")
def eighty(segue):
    with Demo(segue, 80) as demo:
        demo.play_to_the_end()
        demo.expect(promises.coloured(demo.screen))
    return demo.problems


@case("a window of 200 columns")
def two_hundred(segue):
    with Demo(segue, 200) as demo:
        demo.play_to_the_end()
        demo.expect(promises.coloured(demo.screen))
        demo.expect(promises.figures_stand_beside(demo.screen))
    return demo.problems


@case("NO_COLOR")
def no_colour(segue):
    with Demo(segue, 80, NO_COLOR="1") as demo:
        demo.play_to_the_end()
        demo.expect(promises.no_colours(demo.screen))
    return demo.problems


@case("a dumb terminal")
def dumb(segue):
    """It knows no escape sequence; so nothing moves, as without a terminal, and the sandbox stays all the same."""
    with Demo(segue, 80, TERM="dumb") as demo:
        demo.window.until_line(AT_THE_END)
        demo.expect(promises.summary_is_there(demo.screen.visible()))
        demo.interrupt_to(0)
        demo.look()
        demo.expect(promises.plain(demo.window.raw.replace(b"\r\n", b"\n")))
    return demo.problems


@case("a window that is made smaller and wider")
def resized(segue):
    with Demo(segue, 200) as demo:
        demo.window.until(lambda screen: promises.bars(screen.drawn), "a bar")
        demo.window.resize(80)
        demo.window.until_line("── the way back")
        demo.window.resize(120)
        from_here = len(demo.screen.lines)
        demo.play_to_the_end()
        widest = max(columns(line) for line in demo.screen.lines[from_here:] if "↩" in line)
        if not 100 < widest <= 120:
            demo.expect([f"the lines do not follow the window of 120 columns: {widest}"])
    return demo.problems


@case("no terminal")
def no_terminal(segue):
    with Place() as place:
        done = subprocess.run([segue, "demo", "--scale", str(SCALE), "--watch", str(WATCH)], env=place.environment(),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120,
                              start_new_session=True, check=False)
        lines = done.stdout.decode().splitlines()
        problems = [] if done.returncode == 0 else [f"exit code {done.returncode}: {lines[-3:]}"]
        problems += promises.plain(done.stdout) + promises.summary_is_there(lines)
        problems += promises.figures_follow_phases(lines)
        return problems + place.what_is_left()


@case("answers into a pipe, the rest on the terminal")
def piped(segue):
    """segue demo | tee demo.txt: nobody could go on by hand, so it ends with the summary."""
    with Demo(segue, 80, answers_in_pipe=True) as demo:
        code = demo.window.exit_code()
        if code != 0:
            demo.expect([f"exit code {code}"])
        demo.expect(promises.summary_is_there(demo.screen.visible()))
        demo.expect(promises.plain(demo.window.answers))
        demo.look()
    return demo.problems


@case("Ctrl-C while the data are loaded")
def interrupted_load(segue):
    with Demo(segue, scale=200000) as demo:
        demo.window.until(lambda _: any("visionwest" in one for one in demo.place.processes()), "a session")
        demo.interrupt()
    return demo.problems


@case("Ctrl-C while an application is watched")
def interrupted_watch(segue):
    with Demo(segue, watch=8) as demo:
        demo.window.until_line("── the old application")
        demo.interrupt()
    return demo.problems


@case("Ctrl-C while a bar grows")
def interrupted_bar(segue):
    with Demo(segue, scale=40000) as demo:
        demo.window.until(lambda screen: any(len(run) > 2 for run in promises.bars(screen.drawn)), "a bar that grows")
        demo.interrupt()
    return demo.problems


@case("Ctrl-C while the last application is watched")
def interrupted_end(segue):
    with Demo(segue, scale=1000, watch=2) as demo:
        demo.window.until_line("grace", times=2)
        demo.interrupt()
    return demo.problems


@case("Ctrl-C twice")
def interrupted_twice(segue):
    with Demo(segue, watch=8) as demo:
        demo.window.until_line("── the old application")
        demo.interrupt_twice()
        demo.look()
    return demo.problems


@case("the window is closed")
def closed(segue):
    with Demo(segue, scale=40000) as demo:
        demo.window.until(lambda screen: promises.bars(screen.drawn), "a bar")
        demo.window.close()
        demo.window.exit_code()
    return demo.problems
