// A secret while it is in memory: its bytes are overwritten before their memory is given back, and nothing
// prints it. Copies are secrets too; a view is as good as the secret itself, so keep none.
#pragma once

#include <cstddef>
#include <new>
#include <string>
#include <string_view>
#include <vector>

namespace cistern {

// Overwrites what the text holds and empties it.
void cleanse(std::string& text);
void cleanse(void* bytes, size_t size);

template <class T>
struct CleansingAllocator {
  using value_type = T;
  CleansingAllocator() = default;
  template <class U>
  CleansingAllocator(const CleansingAllocator<U>&) {}
  T* allocate(size_t count) { return static_cast<T*>(::operator new(count * sizeof(T))); }
  void deallocate(T* items, size_t count) {
    cleanse(items, count * sizeof(T));
    ::operator delete(items);
  }
  bool operator==(const CleansingAllocator&) const { return true; }
};

class Secret {
 public:
  Secret() = default;
  Secret(std::string_view text) : bytes_(text.begin(), text.end()) {}
  Secret(const std::string& text) : Secret(std::string_view(text)) {}
  Secret(const char* text) : Secret(std::string_view(text)) {}
  // Leaves nothing of it in `text`.
  static Secret take(std::string& text);

  // The bytes, for the one who sends or signs with them.
  std::string_view view() const { return {bytes_.data(), bytes_.size()}; }
  explicit operator std::string_view() const { return view(); }
  bool empty() const { return bytes_.empty(); }
  // In a time that does not tell where they differ.
  bool operator==(const Secret& other) const;

 private:
  std::vector<char, CleansingAllocator<char>> bytes_;  // not std::string, whose short texts no allocator sees
};

}  // namespace cistern
