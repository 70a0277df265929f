// A real journal on a real disk, one delivery appended at a time: the whole way to durable, without others to
// share a sync with.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace cistern {

class JournalStage {
 public:
  // Below `folder`, emptied before and after. Ends the program when there can be no journal.
  explicit JournalStage(const std::string& folder);
  ~JournalStage();
  JournalStage(JournalStage&&) = delete;

  // Blocks until a delivery of one frame is durable.
  void append(std::string_view frame);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cistern
