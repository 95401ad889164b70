#!/usr/bin/env python3
"""tools/tidy on small made-up trees: each case is a few files and exactly what tidy says about them."""
import importlib.machinery
import importlib.util
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
loader = importlib.machinery.SourceFileLoader("tidy", str(pathlib.Path(__file__).with_name("tidy")))
tidy = importlib.util.module_from_spec(importlib.util.spec_from_loader("tidy", loader))
loader.exec_module(tidy)

BUILT = {"src/CMakeLists.txt": "".join(f"paylink_library({folder})\n" for folder in tidy.LAYERS)}


def body(lines: int) -> str:
    return "  step();\n" * lines


CASES = {
    "a clean tree": (
        {"src/api/links.cpp": '#include "app/create.hpp"\n#include <string>\nint one() { return 1; }\n',
         "src/app/create.hpp": "#pragma once\n"},
        []),
    "an include from a higher layer": (
        {"src/domain/money.cpp": '#include "base/result.hpp"\n#include "store/links.hpp"\n'},
        ["src/domain/money.cpp:2: domain may not include store/links.hpp"]),
    "an include from a sibling": (
        {"src/checkout/page.cpp": '#include "api/links.hpp"\n'},
        ["src/checkout/page.cpp:1: checkout may not include api/links.hpp"]),
    "a document that was emptied": (
        {"docs/nodes.md": "\n", "docs/scale.md": "# Scale\n"},
        ["docs/nodes.md:1: a document that says nothing"]),
    "app sees of sql only the interface": (
        {"src/app/a.cpp": '#include "sql/sqlite/connection.hpp"\n#include "sql/transaction.hpp"\n'},
        ["src/app/a.cpp:1: app may not include sql/sqlite/connection.hpp"]),
    "a test beside the code may open a database": (
        {"src/app/a_test.cpp": '#include <gtest/gtest.h>\n#include "sql/sqlite/connection.hpp"\n'},
        []),
    "main may include everything": (
        {"src/main/main.cpp": '#include "api/a.hpp"\n#include "sql/sqlite/connection.hpp"\n#include <CLI/CLI.hpp>\n'},
        []),
    "libraries outside their folder": (
        {"src/app/a.cpp": "#include <sqlite3.h>\n#include <boost/asio.hpp>\n"
                          "#include <sys/stat.h>\n#include <foo/foo.h>\n",
         "src/sql/a.cpp": "#include <sqlite3.h>\n", "src/sql/sqlite/a.cpp": "#include <sqlite3.h>\n"},
        ["src/app/a.cpp:1: <sqlite3.h> belongs to sql/sqlite alone",
         "src/app/a.cpp:2: <boost/asio.hpp> belongs to http runtime alone",
         "src/app/a.cpp:4: <foo/foo.h> is in no row of LIBRARIES",
         "src/sql/a.cpp:1: <sqlite3.h> belongs to sql/sqlite alone"]),
    "banned words with what to use": (
        {"src/store/a.cpp": "double a;\nauto b = std::chrono::system_clock::now();\nint c = rand();\nstd::cout << c;\n"
                            "Thing& d =\n  *new Thing(1);\nchar* e = NULL;\nsnprintf(f, 3, g);\n"},
        ["src/store/a.cpp:1: double … Money, Decimal or whole numbers.",
         "src/store/a.cpp:2: system_clock::now … Time comes from Clock.",
         "src/store/a.cpp:3: rand( … Use Random.",
         "src/store/a.cpp:4: std::cout … Logs go through LOG; only main prints.",
         "src/store/a.cpp:6: new Thing( … make_unique, or a container.",
         "src/store/a.cpp:7: NULL … nullptr.",
         "src/store/a.cpp:8: snprintf( … Use append, std::to_chars or LOG."]),
    "banned words in comments, strings and names do not count": (
        {"src/store/a.cpp": '// a double, NULL\n/* rand() */ auto a = "new Thing(";\n'
                            'int random(), n = x.rand(), double_entry;\n'
                            'auto b = R"sql(\nfloat\n)sql";\n'
                            'return std::unique_ptr<A>(\n  new A(1));\nauto c = 1\'000\'000;\n'},
        []),
    "floating point is fine where no money is": ({"src/http/a.cpp": "double seconds = 0.5;\n"}, []),
    "headers": (
        {"src/base/a.hpp": "using namespace std;\n", "src/base/b.hpp": "// About b.\n#pragma once\n",
         "src/base/b.cpp": '#include "base/b.hpp"\nusing namespace std::chrono_literals;\n'},
        ["src/base/a.hpp:1: a header starts with #pragma once", "src/base/a.hpp:1: a header that nobody includes",
         "src/base/a.hpp:1: using namespace … Name what is used: a header speaks for everyone who includes it."]),
    "TRY": (
        {"src/app/a.cpp": "auto a = TRY(b());\nauto c = TRY(d(TRY(e())));\nreturn F{.x = TRY(g())};\n"
                          "auto h = TRY(i());\n"},
        ["src/app/a.cpp:2: one TRY per statement",
         "src/app/a.cpp:3: {.x = TRY( … TRY leaks when it leaves a braced list: name the value first."]),
    "the longest function": (
        {"src/app/a.cpp": "namespace {\nint f(int a,\n      int b) {\n" + body(57) + "}\n}  // namespace\n"}, []),
    "a function too long": (
        {"src/app/a.cpp": "namespace {\n\nint f(int a = {},\n      int b) {\n" + body(58) + "}\n}  // namespace\n"},
        ["src/app/a.cpp:3: a function of 61 lines: aim 25, stop at 60"]),
    "a method too long": (
        {"src/app/a.cpp": "template <class T>\nclass A {\n  A(T t) : t_{t}, u_(2) {\n" + body(60) + "  }\n};\n"},
        ["src/app/a.cpp:3: a function of 62 lines: aim 25, stop at 60"]),
    "a table is not a function": (
        {"src/app/a.cpp": "constexpr Row rows[] = {\n" + "    {f(1), 2},\n" * 80 + "};\n"}, []),
    "a file too long": ({"src/app/a.cpp": "int a;\n" * 601}, ["src/app/a.cpp:1: 601 lines: split the file"]),
    "a test file may be longer": ({"src/app/a_test.cpp": "int a;\n" * 700}, []),
    "columns are characters": (
        {"src/app/a.cpp": "//" + " " * 118 + "\n", "src/app/b.cpp": "//" + " " * 119 + "\n",
         "src/app/c.cpp": "//" + "é" * 118},
        ["src/app/b.cpp:1: 121 columns, at most 120"]),
    "leftovers, in any file": (
        {"docs/a.md": "TO" + "DO: write\n", "tools/b": "cd /wo" + "rk/main\n"},
        ["docs/a.md:1: TO" + "DO … do it, or file an issue", "tools/b:1: /wo" + "rk/ … a path of one machine"]),
    "a folder that is not built": (
        {"src/extra/a.cpp": "int a;\n"}, ["src/extra/a.cpp:1: src/CMakeLists.txt does not build this folder"]),
}


class Tidy(unittest.TestCase):
    def test_says(self):
        for name, (files, expected) in CASES.items():
            with self.subTest(name):
                self.assertEqual(tidy.check(BUILT | files), expected)

    def test_an_exception_silences_one_offence_in_one_file(self):
        tidy.EXCEPTIONS[("src/app/a.cpp", "NULL …")] = "a test"
        found = tidy.check(BUILT | {"src/app/a.cpp": "x = NULL;\n", "src/app/b.cpp": "x = NULL;\n"})
        self.assertEqual(found, ["src/app/b.cpp:1: NULL … nullptr."])


if __name__ == "__main__":
    unittest.main()
