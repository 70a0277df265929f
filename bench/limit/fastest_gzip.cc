#include "bench/limit/fastest_gzip.h"

#include <cstdlib>

#include "pipeline/avx_state.h"

namespace cistern {

void FastestGzip::run(std::string_view bytes, Buffer& out) {
  isal_deflate_stateless_init(&stream_);
  stream_.gzip_flag = IGZIP_GZIP;
  stream_.level = 1;
  stream_.level_buf = level_buffer_.data();
  stream_.level_buf_size = static_cast<uint32_t>(level_buffer_.size());
  stream_.end_of_stream = 1;
  stream_.flush = NO_FLUSH;
  stream_.next_in = reinterpret_cast<uint8_t*>(const_cast<char*>(bytes.data()));
  stream_.avail_in = static_cast<uint32_t>(bytes.size());
  const size_t before = out.size();
  out.reserve(before + bytes.size() + bytes.size() / 8 + 512);
  stream_.next_out = out.bytes() + before;
  stream_.avail_out = static_cast<uint32_t>(out.capacity() - before);
  const int outcome = isal_deflate_stateless(&stream_);
  clean_avx_state();
  if (outcome != COMP_OK) std::abort();  // only for lack of room, which was reserved
  out.resize(before + stream_.total_out);
}

}  // namespace cistern
