#include "bench/stages/material.h"

#include "bench/limit/envelope_scan.h"
#include "bench/limit/limit_pipeline.h"
#include "pipeline/decode/frame_builder.h"
#include "pipeline/digest.h"

namespace cistern {
namespace {

constexpr std::string_view kData = R"("data":")";

Result<> add_record(std::string_view base64, Material& material) {
  Gunzip gunzip;
  CISTERN_TRY(base64_decode(base64, material.datums.emplace_back()));
  CISTERN_TRY(gunzip.run(material.datums.back().view(), uint64_t{1} << 32, material.logs.emplace_back()));
  material.base64.emplace_back(base64);
  return ok();
}

void add_lines(std::string_view log, Material& material) {
  EnvelopeScan scan(log);
  ScannedEvent event;
  if (!scan.begin()) return;
  while (scan.next(event)) {
    if (material.lines.empty() || material.lines.back().size() >= kFrameMemberBytes)
      material.lines.emplace_back();
    append_line(event, R"(,"id":")", R"(","owner":"123456789012","logGroup":"/app/web","message":")",
                material.lines.back());
  }
}

}  // namespace

Result<Material> make_material(const Shape& shape) {
  Material material;
  CISTERN_TRY(material.deliveries, make_deliveries(shape, wall_clock_ms()));
  for (const auto& delivery : material.deliveries) {
    const std::string_view body = delivery->body;
    material.log_bytes += delivery->log_bytes;
    for (size_t at = body.find(kData); at != body.npos; at = body.find(kData, at)) {
      at += kData.size();
      CISTERN_TRY(add_record(body.substr(at, body.find('"', at) - at), material));
    }
  }
  for (const Buffer& log : material.logs) add_lines(log.view(), material);
  Gzip().run(material.deliveries.front()->body, Level{6}, material.gzip_body);
  return material;
}

}  // namespace cistern
