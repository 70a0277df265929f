// Field lists of lines: what is written unless the configuration says otherwise, and all there is.
#pragma once

#include <string>
#include <vector>

namespace cistern::test {

inline const std::vector<std::string> kDefaultFields{"timestamp", "id",        "owner",
                                                     "logGroup",  "logStream", "message"};
inline const std::vector<std::string> kAllFields{
    "commonAttributes", "requestTimestamp",    "requestId", "sourceArn", "extractedFields", "policyLevel",
    "message",          "subscriptionFilters", "logStream", "logGroup",  "owner",           "id",
    "timestamp"};

}  // namespace cistern::test
