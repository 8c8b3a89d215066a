"""Drives B3LB with the PyPI package python-sage-bbb, as its README shows it: every call it has.

B3LB_API is the address, with `/bigbluebutton/api/` at its end, which the package insists on; B3LB_KEY the key.
"""

import os
import xml.etree.ElementTree

from sage_bbb.services.client import BigBlueButtonClient

from helpers import enter, eventually

ID = "sage room (1) *~!"
NAME = 'Übung 100% + "mehr" & <alles> €😀'


def said(what, answer, returncode, key=None):
    print(f"{what}: {answer.get('returncode')} {answer.get('messageKey', '')}")
    assert (answer.get("returncode"), answer.get("messageKey")) == (returncode, key), (what, answer)
    return answer


def main():
    client = BigBlueButtonClient(os.environ["B3LB_API"], os.environ["B3LB_KEY"])
    meetings, recordings = client.meetings, client.recordings
    # The query of calls without parameters begins with `&checksum=`.
    assert said("index", client.check_connection(), "SUCCESS")["version"] == "2.0"
    said("getMeetings", meetings.get_meetings(), "SUCCESS", "noMeetings")
    said("getMeetings", meetings.get_meetings({"title": "Übung"}), "SUCCESS", "noMeetings")

    options = {"welcome": "Hallo\n<b>Welt</b> & alle", "record": True, "meta_bbb-origin": "sage", "duration": 60}
    created = meetings.create_meeting(NAME, ID, "ap", "mp", **options)
    print("create")
    assert (created.meeting_id, created.moderator_pw, created.duration) == (ID, "mp", 60), created
    again = meetings.create_meeting(NAME, ID, "ap", "mp", **options)
    assert (again.message_key, again.create_time) == ("duplicateWarning", created.create_time), again
    assert meetings.create_meeting(NAME, ID, "ap", "x").message_key == "idNotUnique"

    said("getMeetingInfo", meetings.get_meeting_info("nowhere"), "FAILED", "notFound")
    running = lambda: said("isMeetingRunning", meetings.is_meeting_running(ID), "SUCCESS")["running"]
    assert running() == "false"
    enter(meetings.join_meeting(ID, "Ada & Söhne", "mp", createTime=created.create_time, guest=False))
    assert running() == "true"
    info = said("getMeetingInfo", meetings.get_meeting_info(ID), "SUCCESS")
    assert (info["meetingName"], info["participantCount"], info["recording"]) == (NAME, "1", "false"), info
    said("getMeetings", meetings.get_meetings(), "SUCCESS")

    said("getRecordings", recordings.get_recordings(ID), "SUCCESS", "noRecordings")
    said("getRecordings", recordings.get_recordings(ID, {"state": "published"}), "SUCCESS", "noRecordings")
    # The package raises on any status of 400 and more, so a refusal has to be HTTP 200.
    said("publishRecordings", recordings.publish_recording("no-such-recording", True), "FAILED", "notFound")
    said("updateRecordings", recordings.update_recordings(ID, {"meta_title": "Neu"}), "FAILED", "notFound")
    said("deleteRecordings", recordings.delete_recording("no-such-recording"), "FAILED", "notFound")
    # putRecordingTextTrack fails in the package before anything is sent; getRecordingTextTracks is JSON in all
    # versions of BBB, and the package parses XML.
    try:
        recordings.get_recording_text_tracks("no-such-recording")
        raise AssertionError("the package has learned JSON")
    except xml.etree.ElementTree.ParseError:
        print("getRecordingTextTracks: JSON")

    # BBB has dropped both; the package makes an empty dictionary of every status of 400 and more.
    assert client.configurations.get_default_config_xml() == {}
    said("setConfigXML", client.configurations.set_config_xml("<config/>"), "FAILED", "missingParamMeetingID")

    said("end", meetings.end_meeting(ID, "mp"), "SUCCESS", "sentEndMeetingRequest")
    eventually("the end", lambda: meetings.get_meeting_info(ID).get("messageKey") == "notFound")
    eventually("an empty list", lambda: meetings.get_meetings().get("messageKey") == "noMeetings")


main()
