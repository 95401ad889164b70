"""Makes what the server serves out of openapi/paylink.yaml: openapi.yaml, openapi.json and docs.html in a folder.

python3 tools/openapi/build.py FOLDER
"""
import json
import pathlib
import shutil
import sys

import document as reader
import page


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    document = reader.load()
    shutil.copyfile(reader.SOURCE, folder / "openapi.yaml")
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    (folder / "openapi.json").write_text(text, encoding="utf-8")
    (folder / "docs.html").write_text(page.render(document), encoding="utf-8")


if __name__ == "__main__":
    main()
