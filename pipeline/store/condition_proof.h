// Around a store whose server should never replace an object (S3 and its If-None-Match), and might not know
// how: puts the first object that it stores once more, the same bytes under the same key, and says plainly in
// the log when the server takes it again. Where it does, uploads go on: keys are made so that nobody else
// uses them.
#pragma once

#include <memory>

#include "pipeline/store/object_store.h"

namespace cistern {

std::unique_ptr<ObjectStore> prove_condition(std::unique_ptr<ObjectStore> store);

}  // namespace cistern
