// Drives a fuzz target without libFuzzer, with the same inputs every time: the seeds, then mutations of them.
//
//   X_fuzz SEED_FOLDER [INPUTS]      prints how many inputs were tried
//   X_fuzz --one FILE                one input, to repeat a failure
//
// An input that ends the process is left in X_fuzz.failed-input in the current folder.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include <unistd.h>

#include "tests/fuzz/fuzz_target.h"

namespace {

std::string current;
std::string failed_path;

void keep_current(int signal) {
  if (FILE* file = std::fopen(failed_path.c_str(), "wb")) {
    std::fwrite(current.data(), 1, current.size(), file);
    std::fclose(file);
  }
  std::fprintf(stderr, "the input is in %s\n", failed_path.c_str());
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

std::string read_whole(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> seeds_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> seeds;
  for (const auto& path : paths) seeds.push_back(read_whole(path));
  if (seeds.empty()) seeds.emplace_back();
  return seeds;
}

class Mutator {
 public:
  explicit Mutator(const std::vector<std::string>& seeds) : seeds_(seeds) {}

  std::string next() {
    std::string input = seeds_[below(seeds_.size())];
    for (uint64_t changes = 1 + below(4); changes > 0; --changes) change(input);
    return input;
  }

 private:
  uint64_t below(uint64_t bound) { return bound == 0 ? 0 : random_() % bound; }

  void change(std::string& input) {
    const size_t at = below(input.size() + 1);
    const size_t length = below(std::min<size_t>(input.size() - at, 16) + 1);
    switch (below(6)) {
      case 0:
        if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << below(8)));
        break;
      case 1:
        input.erase(at, length);
        break;
      case 2:
        input.insert(at, input.substr(at, length));
        break;
      case 3:
        input.insert(at, 1, static_cast<char>(below(256)));
        break;
      case 4:
        input.resize(at);
        break;
      default:
        splice(input, at);
    }
  }

  // A stretch of another seed: where words of the format come from.
  void splice(std::string& input, size_t at) {
    const std::string& other = seeds_[below(seeds_.size())];
    const size_t from = below(other.size() + 1);
    input.insert(at, other, from, below(64));
  }

  const std::vector<std::string>& seeds_;
  std::mt19937_64 random_{1};
};

void try_one(std::string input) {
  current = std::move(input);
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(current.data()), current.size());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  failed_path = std::filesystem::path(argv[0]).filename().string() + ".failed-input";
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE}) std::signal(signal, keep_current);
  if (std::string(argv[1]) == "--one" && argc == 3) return try_one(read_whole(argv[2])), 0;
  const std::vector<std::string> seeds = seeds_in(argv[1]);
  const uint64_t inputs = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 3000;
  for (const std::string& seed : seeds) try_one(seed);
  Mutator mutator(seeds);
  for (uint64_t i = 0; i < inputs; ++i) try_one(mutator.next());
  std::printf("%zu seeds and %llu mutations\n", seeds.size(), static_cast<unsigned long long>(inputs));
  return 0;
}
