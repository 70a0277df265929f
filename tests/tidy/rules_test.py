"""Each rule of rules.py finds what it is there for, and leaves its legal neighbours alone."""

import unittest

import rules


def findings(rule, tree):
    return list(rule(tree))


class RulesTest(unittest.TestCase):
    def wrong(self, rule, tree, *lines):
        """The rule finds exactly these path:line."""
        self.assertEqual([":".join(f.split(":")[:2]) for f in rule(tree)], list(lines))

    def test_pipeline_may_not_include_upward(self):
        tree = {"pipeline/a.cc": '#include "handlers/b.h"\n#include "pipeline/c.h"\n',
                "handlers/b.h": '#include "pipeline/c.h"\n#include "server/d.h"\n',
                "pipeline/c.h": "", "server/d.h": '#include "handlers/b.h"\n'}
        self.wrong(rules.folders_include_downward, tree, "handlers/b.h:2", "pipeline/a.cc:1")

    def test_includes_are_written_from_the_root(self):
        tree = {"pipeline/a.cc": '#include "pipeline/c.h"\n#include "c.h"\n', "pipeline/c.h": ""}
        self.wrong(rules.folders_include_downward, tree, "pipeline/a.cc:2")
        self.wrong(rules.folders_include_downward, {"pipeline/a.cc": '#include "pipeline/gone.h"\n'},
                   "pipeline/a.cc:1")

    def test_an_include_in_a_comment_is_none(self):
        tree = {"pipeline/a.cc": '// #include "handlers/b.h"\n/*\n#include "handlers/b.h"\n*/\n'}
        self.wrong(rules.folders_include_downward, tree)

    def test_a_stage_may_not_include_what_feeds_it(self):
        tree = {"pipeline/archive/partition.cc": '#include "pipeline/archive/uploader.h"\n#include "pipeline/decode/frame_builder.h"\n',
                "pipeline/journal/segment_scan.h": '#include "pipeline/decode/record_decoder.h"\n',
                "pipeline/decode/frame_builder.h": '#include "pipeline/decode/partition_key.h"\n',
                "pipeline/archive/uploader.h": '#include "pipeline/journal/journal.h"\n#include "pipeline/journal/segment_scan.h"\n'}
        self.wrong(rules.stages_include_downstream, tree,
                   "pipeline/archive/partition.cc:2", "pipeline/archive/uploader.h:2",
                   "pipeline/journal/segment_scan.h:1")

    def test_stages_see_the_store_through_its_interface(self):
        tree = {"pipeline/archive/uploader.cc": '#include "pipeline/store/object_store.h"\n'
                                        '#include "pipeline/store/s3_store.h"\n',
                "pipeline/store/s3_store.cc": '#include "pipeline/store/sigv4.h"\n',
                "server/main.cc": '#include "pipeline/store/s3_store.h"\n'}
        self.wrong(rules.store_is_seen_through_its_interface, tree, "pipeline/archive/uploader.cc:2")

    def test_a_store_knows_no_stage(self):
        tree = {"pipeline/store/s3_store.cc": '#include "pipeline/archive/uploader.h"\n#include "pipeline/digest.h"\n'}
        self.wrong(rules.stores_know_no_stage, tree, "pipeline/store/s3_store.cc:1")

    def test_streams_and_tls_in_two_files(self):
        text = "#include <boost/asio/ssl/stream.hpp>\n#include <boost/beast/core/tcp_stream.hpp>\n"
        tree = {"server/tls.cc": text, "server/tls_transport.cc": text, "pipeline/store/https_client.cc": text,
                "handlers/router.cc": "#include <boost/beast/http/message.hpp>\n#include <boost/beast/http.hpp>\n"}
        self.wrong(rules.streams_in_two_files, tree, "handlers/router.cc:2", "server/tls.cc:1", "server/tls.cc:2")

    def test_environment_in_config_only(self):
        text = 'auto v = std::getenv("HOME");\nextern char** environ;\n// getenv("X")\nlog("getenv(");\n'
        self.wrong(rules.environment_in_config, {"server/config.cc": text, "pipeline/log.cc": text,
                                                 "tests/unit/x_test.cc": text},
                   "pipeline/log.cc:1", "pipeline/log.cc:2")

    def test_clocks_in_one_place_only(self):
        text = "auto t = std::chrono::steady_clock::now();\ntime(nullptr);\nclock_gettime(CLOCK_REALTIME, &t);\n" \
               "event.time(0);\nauto time_slot(int64_t t);\n"
        self.wrong(rules.clocks_in_one_place, {"server/io_clock.cc": text, "pipeline/journal/journal.cc": text},
                   *[f"pipeline/journal/journal.cc:{n}" for n in (1, 2, 3)])

    def test_timers_only_beside_sockets(self):
        text = "#include <boost/asio/steady_timer.hpp>\nboost::asio::steady_timer deadline;\n"
        self.wrong(rules.clocks_in_one_place, {"server/https_server.cc": text, "pipeline/archive/uploader.cc": text},
                   "pipeline/archive/uploader.cc:1", "pipeline/archive/uploader.cc:2")

    def test_no_throw_below_the_server(self):
        text = 'void f() {\n  throw 1;\n}\n// throw\nauto s = "throw";\nint overthrow;\nthrow std::bad_alloc();\n'
        self.wrong(rules.no_throw_below_the_server, {"pipeline/a.cc": text, "server/config.cc": text},
                   "pipeline/a.cc:2")

    def test_long_files(self):
        self.wrong(rules.files_are_short, {"pipeline/a.cc": "\n" * 400, "pipeline/b.cc": "\n" * 399,
                                           "tests/unit/c.cc": "\n" * 599, "tests/unit/d.cc": "\n" * 600},
                   "pipeline/a.cc:400", "tests/unit/d.cc:600")

    def test_names(self):
        tree = {"server/string_utils.h": "", "pipeline/a.cc": "int retry_helper;\nclass UploadManager;\n"
                "int utility;\n// a helper\nint managed;\n"}
        self.wrong(rules.names_say_what_things_are, tree, "pipeline/a.cc:1", "pipeline/a.cc:2",
                   "server/string_utils.h:1")

    def test_nothing_outside_is_named(self):
        tree = {"README.md": "see ../sha" + "red/design.md\nand /wor" + "k/main\nframework/x /workers\n"}
        self.wrong(rules.nothing_outside_is_named, tree, "README.md:1", "README.md:2")

    def test_literals_and_comments_are_blanked_line_by_line(self):
        text = 'a = "x // y"; b = \'"\'; // c\nR"(raw "getenv(" )"; 10\'000; d\n'
        blanked = rules.blank_non_code(text)
        self.assertEqual(blanked.count("\n"), 2)
        self.assertEqual(blanked.split(), ["a", "=", ";", "b", "=", ";", ";", "10'000;", "d"])

    def test_every_rule_is_tried_here(self):
        with open(__file__, encoding="utf-8") as file:
            source = file.read()
        self.assertEqual([r.__name__ for r in rules.ALL if f"rules.{r.__name__}" not in source], [])


if __name__ == "__main__":
    unittest.main()
