// The same work as Cistern's data path, written as one would write it first: nlohmann-json for both layers of
// JSON, zlib both ways at its usual level, base64 by OpenSSL; all fused in one thread, in memory, without
// sockets, durability or accounting. It does not waste: buffers are reused, nothing is parsed twice.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace cistern {

class OrdinaryPipeline {
 public:
  OrdinaryPipeline();
  ~OrdinaryPipeline();

  void take(std::string_view body);
  // Ends the objects; how many bytes they have. The pipeline may go on with new ones.
  uint64_t finish();
  uint64_t lines() const { return lines_; }

 private:
  struct Object;
  class Inflater;
  void take_envelope(std::string_view json);

  std::unique_ptr<Inflater> inflater_;
  std::map<int64_t, std::unique_ptr<Object>> objects_;  // by hour
  std::string datum_;
  std::string log_;
  std::string line_;
  uint64_t lines_ = 0;
};

}  // namespace cistern
