"""Drives B3LB with the PyPI package bigbluebutton_api_python, as its README shows it.

B3LB_API is the address with `/bigbluebutton/api/` at its end, B3LB_KEY the key.
"""

import os

from bigbluebutton_api_python import BigBlueButton
from bigbluebutton_api_python.exception import BBBException

from helpers import enter, eventually

# A list of just one meeting is beyond this package, so there are two.
IDS = ["python room (1) *~!", "Zweiter Raum"]
NAME = 'Übung 100% + "mehr" & <alles> €😀'


def refusal(call, *args):
    """The message key of a call that is refused."""
    try:
        call(*args)
    except BBBException as error:
        print(f"{call.__name__}: refused, {error.key}")
        return error.key
    return None


def said(what, answer):
    print(f"{what}: {answer.get_return_code()}")
    assert answer.get_return_code() == "SUCCESS", answer
    return answer


def main():
    api, key = os.environ["B3LB_API"], os.environ["B3LB_KEY"]
    bbb = BigBlueButton(api, key)
    assert said("version", bbb.get_api_version()).get_version() == "2.0"
    assert said("getMeetings", bbb.get_meetings()).get_meetings() == []

    for meeting in IDS:
        params = {"name": NAME, "attendeePW": "ap", "moderatorPW": "mp", "welcome": "Hallo\n<b>Welt</b> & alle"}
        meta = {"bbb-origin": "python"}
        created = said("create", bbb.create_meeting(meeting, dict(params), meta))
        assert created.get_meetingid() == meeting and created.get_moderator_pw() == "mp", created
        again = said("create again", bbb.create_meeting(meeting, dict(params), meta))
        assert again.get_message_key() == "duplicateWarning", again
        assert again.get_field("createTime") == created.get_field("createTime"), again
        assert refusal(bbb.create_meeting, meeting, {"name": NAME, "moderatorPW": "x"}) == "idNotUnique"

    first = IDS[0]
    running = lambda: said("isMeetingRunning", bbb.is_meeting_running(first)).is_meeting_running()
    assert not running()
    enter(bbb.get_join_meeting_url("Ada & Söhne", first, "mp", {}))
    assert running()

    answer = said("getMeetingInfo", bbb.get_meeting_info(first))
    info, people = answer.get_meetinginfo(), answer.get_attendees()
    assert (info.get_meetingname(), info.get_participantcount()) == (NAME, 1), answer
    assert [(one.get_fullname(), one.get_role()) for one in people] == [("Ada & Söhne", "MODERATOR")], answer
    listed = said("getMeetings", bbb.get_meetings()).get_meetings()
    assert [meeting.get_meetingid() for meeting in listed] == IDS, listed
    assert all(meeting.get_meetingname() == NAME for meeting in listed), listed
    assert said("getRecordings", bbb.get_recordings(first)).get_recordings() == []
    # The package raises on any status of 400 and more, so a refusal has to be HTTP 200.
    assert refusal(bbb.publish_recordings, "no-such-recording") == "notFound"
    assert refusal(bbb.update_recordings, "no-such-recording", {"name": "New & better"}) == "notFound"
    assert refusal(bbb.delete_recordings, "no-such-recording") == "notFound"
    assert refusal(BigBlueButton(api, key + "x").get_meetings) == "checksumError"

    for meeting in IDS:
        ended = said("end", bbb.end_meeting(meeting, "mp"))
        assert ended.get_message_key() == "sentEndMeetingRequest", ended
    eventually("the end", lambda: refusal(bbb.get_meeting_info, IDS[1]) == "notFound")
    eventually("an empty list", lambda: bbb.get_meetings().get_field("meetings") == "")


main()
