// Bytes that grow without being zeroed, and that may be read (never written) kPadding bytes past their end,
// as SIMD parsers do. Capacity is kept on clear(), so that a worker's scratch stops allocating.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

namespace cistern {

class Buffer {
 public:
  static constexpr size_t kPadding = 128;

  Buffer() = default;
  explicit Buffer(std::string_view bytes) { append(bytes); }
  Buffer(Buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { std::free(data_); }

  char* data() { return data_; }
  const char* data() const { return data_; }
  uint8_t* bytes() { return reinterpret_cast<uint8_t*>(data_); }
  const uint8_t* bytes() const { return reinterpret_cast<const uint8_t*>(data_); }
  size_t size() const { return size_; }
  size_t capacity() const { return capacity_; }
  bool empty() const { return size_ == 0; }
  std::string_view view() const { return {data_, size_}; }

  // Throws std::bad_alloc; growth at least doubles.
  void reserve(size_t capacity) {
    if (capacity <= capacity_) return;
    if (capacity < 2 * capacity_) capacity = 2 * capacity_;
    grow_to(capacity);
  }
  // New bytes hold whatever the memory held: the caller writes them.
  void resize(size_t size) {
    reserve(size);
    size_ = size;
  }
  void clear() { size_ = 0; }
  // The same, and gives memory back when there is more of it than `most_kept`: after an unusually large use.
  void renew(size_t most_kept) {
    clear();
    if (capacity_ <= most_kept) return;
    std::free(std::exchange(data_, nullptr));
    capacity_ = 0;
  }
  void append(std::string_view bytes) {
    if (bytes.empty()) return;
    reserve(size_ + bytes.size());
    std::memcpy(data_ + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  // The same for bytes that have been reserved: at most capacity() - size().
  void append_reserved(std::string_view bytes) {
    if (bytes.empty()) return;
    std::memcpy(data_ + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  void append(char byte) { append(std::string_view(&byte, 1)); }
  // Gives spare memory back (what is kept for long should not carry a scratch buffer's slack).
  void shrink() {
    if (capacity_ > size_ + size_ / 8) grow_to(size_);
  }

 private:
  void grow_to(size_t capacity) {
    char* grown = static_cast<char*>(std::realloc(data_, capacity + kPadding));
    if (grown == nullptr) throw std::bad_alloc();
    data_ = grown;
    std::memset(data_ + capacity, 0, kPadding);
    capacity_ = capacity;
  }

  char* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace cistern
