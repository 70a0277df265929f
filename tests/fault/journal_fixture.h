// A journal of small segments in a folder of its own over a real file system, which a test opens again as
// often as it likes.
#pragma once

#include <gtest/gtest.h>

#include "tests/fault/journal_harness.h"
#include "tests/temporary_folder.h"

namespace cistern::test {

class JournalFixture : public ::testing::Test {
 protected:
  JournalFixture() {
    options_.path = folder_ / "below/journal";
    options_.segment_bytes = 64 << 10;
    options_.max_bytes = 1 << 20;
    options_.min_free_bytes = 0;
  }
  void start() {
    harness_.reset();
    harness_ = std::make_unique<JournalHarness>(*disk_, clock_, options_);
    const auto opened = harness_->open();
    ASSERT_TRUE(opened) << opened.error().what;
  }

  const TemporaryFolder folder_;
  std::unique_ptr<Disk> disk_ = make_posix_disk();
  ManualClock clock_;
  JournalOptions options_;
  std::unique_ptr<JournalHarness> harness_;
};

}  // namespace cistern::test
