// Inflating by libdeflate, the library taken for the fastest: what the service's Gunzip is read beside.
#pragma once

#include <string_view>

#include <libdeflate.h>

#include "pipeline/buffer.h"

namespace cistern {

class LibdeflateGunzip {
 public:
  LibdeflateGunzip() = default;
  ~LibdeflateGunzip() { libdeflate_free_decompressor(inflater_); }
  LibdeflateGunzip(LibdeflateGunzip&&) = delete;

  // Replaces `out` by what the one gzip member holds, of the size that its trailer tells and nobody checks.
  bool run(std::string_view member, Buffer& out);

 private:
  libdeflate_decompressor* const inflater_ = libdeflate_alloc_decompressor();
};

}  // namespace cistern
