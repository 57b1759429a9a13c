"""Writes media/sample/pins.db, which IPFS Kit shows as sample data if there is neither a daemon nor a pin database: `python3 scripts/sampleDatabase.py`.

The CIDs are well-known ones from the documentation of IPFS; sizes, times and paths are made up. The content of three pins is in media/sample/content
(scripts/sampleContent/make.mjs); the others have the names of files, since nothing below them can be shown.
"""

import sqlite3
from datetime import datetime, timezone
from pathlib import Path

SAMPLE = [
    ("bafybeiet5fqdrkpdnmexmmgoheuzrribekezeikokfhxoehhcizkg7a5mq", "welcome", "recursive", "2026-01-12T09:30:00", 4829, "/docs/welcome", "local"),
    ("QmPZ9gcCEpqKTo6aq61g2nXGUhM4iCL3ewB6LDXZCtioEB", "getting-started", "recursive", "2026-02-03T16:05:00", 10_240, "/docs/getting-started.md", "local"),
    ("QmQPeNsJPyVWPFDVHb77w8G42Fvo15z4bG2X8D2GhfbSXc", "examples.car", "recursive", "2026-02-20T11:11:00", 4_718_592, "/docs/examples.car", "local"),
    ("QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o", "hello-world.txt", "direct", "2026-03-01T08:00:00", 20, "/notes/hello-world.txt", "local"),
    ("QmbWqxBEKC3P8tqsKc98xmWNzrzDtRLMiMPL8wBuTGsMnR", "cat.jpg", "recursive", "2026-03-14T15:09:00", 443_362, "/photos/cat.jpg", "ipfs"),
    ("bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi", "website.car", "recursive", "2026-04-22T19:45:00", 83_886_080, "/sites/website.car", "ipfs"),
    ("bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy", "avatar.png", "recursive", "2026-05-05T12:00:00", 15_360, "/photos/avatar.png", "local"),
    ("bafkreidgvpkjawlxz6sffxzwgooowe5yt7i6wsyg236mfoks77nywkptdq", None, "recursive", "2026-06-01T07:20:00", None, None, "local"),
    ("QmZjTnYw2TFhn9Nn7tjmPSoTBoY7YRkwPzwSrSbabY24Kp", "hello.txt", "direct", "2026-06-18T21:00:00", 6, "/notes/hello.txt", "local"),
    ("bafkreifjjcie6lypi6ny7amxnfftagclbuxndqonfipmb64f2km2devei4", "hello-raw", "recursive", "2026-07-30T10:15:00", 12, "/notes/hello-raw", "s3"),
    ("QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn", "empty-folder", "recursive", "2026-08-09T14:30:00", 4, "/empty", "local"),
    ("bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354", "archive-2025.tar", "recursive", "2026-09-27T18:40:00", 6_442_450_944, "/archive/archive-2025.tar", "ipfs"),
]


def seconds(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp()


def main() -> None:
    file = Path(__file__).parent.parent / "media" / "sample" / "pins.db"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    database = sqlite3.connect(file)
    database.execute("PRAGMA page_size = 1024")
    database.execute(
        "CREATE TABLE pins (cid TEXT PRIMARY KEY, name TEXT, pin_type TEXT, timestamp REAL, size_bytes INTEGER, vfs_path TEXT, primary_tier TEXT)"
    )
    rows = [(cid, name, kind, seconds(time), size, path, tier) for cid, name, kind, time, size, path, tier in reversed(SAMPLE)]
    database.executemany("INSERT INTO pins VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    database.commit()
    database.execute("VACUUM")
    database.close()


main()
