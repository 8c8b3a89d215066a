"""Drives B3LB with the PyPI package bigbluebutton2, as its README shows it: every call it has.

B3LB_API is the address with the slash at its end, B3LB_KEY the key.
"""

import os

from bigbluebutton.api import Attendee, BigBlueButtonGroup, Role
from bigbluebutton.api.bigbluebutton import BigBlueButtonError

from helpers import enter, eventually

# The package makes a dictionary of the answers: elements with two of their kind, and empty ones, are trials of their own.
ID = "bigbluebutton2 room (1) *~!"
NAME = 'Übung 100% + "mehr" & <alles> €😀'


def refusal(call, *args, **kwargs):
    """The message key of a call that is refused."""
    try:
        call(*args, **kwargs)
    except BigBlueButtonError as error:
        key = getattr(error, "message_key", str(error))
        print(f"{call.__name__}: refused, {key}")
        return key
    return None


def main():
    api, key = os.environ["B3LB_API"], os.environ["B3LB_KEY"]
    group = BigBlueButtonGroup("tests", origin="python & more", origin_server_name="b3lb.test")
    server = group.new("b3lb", api, key)
    assert group.get_meetings() == {}
    assert group.is_meeting_running(ID) is False

    # Creating looks the meeting up in the list first, then creates it, and asks for its information.
    meeting = group.create_meeting(
        meeting_id=ID, meeting_name=NAME, moderator_pw="mp", attendee_pw="ap", duration=60, record=True,
        mute_on_start=True, meta={"category": "x y+z"},
    )
    print("create")
    assert (meeting.meeting_id, meeting.meeting_name, meeting.duration) == (ID, NAME, 60), meeting
    assert meeting.recording is False and meeting.create_time > 0, meeting
    created = meeting.create_time
    meeting.create()
    assert meeting.create_time == created, meeting
    stranger = BigBlueButtonGroup("strangers").new("b3lb", api, key)
    assert refusal(stranger.create_meeting, meeting_id=ID, meeting_name=NAME, moderator_pw="x") == "idNotUnique"

    assert meeting.is_meeting_running() is False
    # The first join is made by the package, which gets the URL of the client; the second one by a browser.
    ada = Attendee(meeting, "Ada & Söhne", role=Role.MODERATOR, user_id="ada")
    assert "html5client" in ada.join(), ada
    assert ada.auth_token and ada.session_token, ada
    enter(Attendee(meeting, "Grace", role=Role.VIEWER).join(do_join=False))
    assert group.is_meeting_running(ID) is True

    meeting.get_meeting_info()
    print("getMeetingInfo")
    assert (meeting.participant_count, meeting.moderator_count, meeting.has_user_joined) == (2, 1, True), meeting
    assert {one.full_name: one.role.name for one in meeting.attendees.values()} == {
        "Ada & Söhne": "MODERATOR", "Grace": "VIEWER",
    }, meeting
    assert meeting.meta["bbb-origin"] == "python & more" and meeting.meta["category"] == "x y+z", meeting
    assert list(group.get_meetings({"category": "x y+z"})) == [ID]
    assert list(group.get_meetings({"category": "other"})) == []
    again = BigBlueButtonGroup("others")
    again.new("b3lb", api, key)
    assert again.get_meetings()[ID].meeting_name == NAME
    assert refusal(BigBlueButtonGroup("g").new("b3lb", api, key + "x").get_meetings) == "checksumError"

    group.end_meeting(ID, "mp")
    print("end: SUCCESS")
    eventually("the end", lambda: refusal(meeting.get_meeting_info) == "notFound")
    eventually("an empty list", lambda: server.get_meetings() == {})
    group.end_meeting(ID)


main()
