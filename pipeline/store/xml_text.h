// Texts out of the small XML documents that AWS answers with.
#pragma once

#include <string>
#include <string_view>

namespace cistern {

// What the document's first <name> element holds, entities decoded, in its first 64 KiB; empty when there is
// none, or when it holds other elements.
std::string xml_text(std::string_view document, std::string_view name);

}  // namespace cistern
