"""Drives B3LB with the program bbbctl of the PyPI package of that name: every command it has.

B3LB_API is the address of the API, or of the server alone; B3LB_KEY the key.
"""

import contextlib
import io
import json
import os
import re
import sys
import urllib.error

import bbbctl

from helpers import enter, eventually

ID = "bbbctl room (1) *~!"
OTHER = "Zweiter Raum"
NAME = 'Übung 100% + "mehr" & <alles> €😀'


def run(*arguments):
    """What the program prints, or says when it fails. Here and not in a process of its own, for the test's names."""
    sys.argv = ["bbbctl", "--server", os.environ["B3LB_API"], "--secret", os.environ["B3LB_KEY"], *arguments]
    out, err = io.StringIO(), io.StringIO()
    failed = False
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            bbbctl.main()
        except SystemExit as end:
            failed = end.code != 0
        except urllib.error.HTTPError as error:
            # The program does not expect any status but 2xx and ends with a stack trace.
            raise AssertionError(f"{arguments} was answered with HTTP {error.code}") from error
    print(f"{' '.join(arguments[:2])}: {'refused' if failed else 'done'}")
    return failed, (err if failed else out).getvalue()


def done(*arguments):
    failed, text = run(*arguments)
    assert not failed, (arguments, text)
    return text


def refused(key, *arguments):
    failed, text = run(*arguments)
    assert failed and re.search(f"messageKey: {key}$", text, re.MULTILINE), (key, arguments, text)


def lines(*arguments):
    return [json.loads(line) for line in done("--format", "jsonline", *arguments).splitlines()]


def main():
    assert lines("meeting", "list") == []
    refused("notFound", "meeting", "info", ID)

    options = ["moderatorPW=mp", "attendeePW=ap", "--meta", "bbb-origin=bbbctl & more", "--welcome", "Hallo\n<b>Welt</b>"]
    options += ["--muteOnStart", "--guestPolicy", "ASK_MODERATOR", "--lock", "cam,mic", "--disabledFeatures", "polls,chat"]
    links = done("meeting", "create", ID, NAME, *options, "--join", "Ada & Söhne")
    done("meeting", "create", ID, NAME, *options)
    print("create: twice the same")
    refused("idNotUnique", "meeting", "create", ID, NAME, "moderatorPW=x")
    done("meeting", "create", OTHER, NAME)

    # The link has the creation time of the answer to create, and a role instead of a password.
    enter(links.strip().removeprefix("Ada & Söhne: "))
    enter(done("meeting", "join", ID, "Grace").strip())
    enter(done("meeting", "join", ID, "Edsger", "--mod").strip())
    signed = done("sign", "isMeetingRunning", f"meetingID={ID}").strip()
    assert "<running>true</running>" in bbbctl.urllib.request.urlopen(signed).read().decode()

    (info,) = lines("meeting", "info", ID)
    print("getMeetingInfo: as JSON")
    assert (info["meetingName"], info["moderatorCount"], info["metadata"]["bbb-origin"]) == (NAME, 2, "bbbctl & more"), info
    assert [one["fullName"] for one in info["attendees"]] == ["Ada & Söhne", "Grace", "Edsger"], info
    listed = lines("meeting", "list", "--sort", "createTime")
    assert [meeting["meetingID"] for meeting in listed] == [ID, OTHER], listed
    assert all("attendees" not in meeting for meeting in lines("meeting", "list", "--no-user"))

    done("meeting", "chat", ID, "Gleich geht es los & <b>wie</b> 100% +", "--name", "Übungsleitung")
    done("meeting", "chat", "BROADCAST", "An alle")
    # BBB has a key of its own for this call.
    refused("(meetingN|n)otFound", "meeting", "chat", "nowhere", "Hallo")

    assert lines("record", "list") == [] and lines("record", "list", "--meeting", ID) == []
    with contextlib.suppress(IndexError):
        # The program takes the first of the list, though the list may be empty.
        done("record", "info", "no-such-recording")
    for command in ["publish", "unpublish", "delete"]:
        refused("notFound", "record", command, "no-such-recording")

    done("meeting", "end", ID)
    print("end: SUCCESS")
    eventually("the end", lambda: [meeting["meetingID"] for meeting in lines("meeting", "list")] == [OTHER])
    assert f"(dry run) id={OTHER} user=0" in done("meeting", "nuke")
    done("meeting", "nuke", "--doit")
    eventually("an empty list", lambda: lines("meeting", "list") == [])


main()
