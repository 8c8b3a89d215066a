"""Tells whether documents are well-formed XML with namespaces, by expat, which Python's clients use.

Reads documents from standard input, each after its length (4 bytes, big-endian), until that ends. Answers each with a
line: `ok`, or what is wrong and where.
"""

import sys
import xml.parsers.expat


def verdict(document):
    parser = xml.parsers.expat.ParserCreate(namespace_separator=" ")
    # Many clients refuse documents with a DTD, for fear of its entities.
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(document, True)
    except (xml.parsers.expat.ExpatError, ValueError, LookupError) as error:
        return " ".join(str(error).split())
    return "ok"


def refuse(*_):
    raise ValueError("a document type declaration")


def main():
    documents = sys.stdin.buffer
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    while length := documents.read(4):
        print(verdict(documents.read(int.from_bytes(length, "big"))), flush=True)


main()
