#include "bench/limit/libdeflate_gunzip.h"

#include <cstdint>

#include "pipeline/little_endian.h"

namespace cistern {

bool LibdeflateGunzip::run(std::string_view member, Buffer& out) {
  const auto size = load_little<uint32_t>(member.data() + member.size() - sizeof(uint32_t));
  out.resize(size);
  return libdeflate_gzip_decompress(inflater_, member.data(), member.size(), out.data(), size, nullptr) ==
         LIBDEFLATE_SUCCESS;
}

}  // namespace cistern
