#include "bench/limit/libdeflate_gunzip.h"

#include <cstdint>
#include <cstring>

namespace cistern {

bool LibdeflateGunzip::run(std::string_view member, Buffer& out) {
  uint32_t size = 0;
  std::memcpy(&size, member.data() + member.size() - sizeof size, sizeof size);
  out.resize(size);
  return libdeflate_gzip_decompress(inflater_, member.data(), member.size(), out.data(), size, nullptr) ==
         LIBDEFLATE_SUCCESS;
}

}  // namespace cistern
