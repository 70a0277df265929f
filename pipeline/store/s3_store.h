// Objects in an S3 bucket: one signed, conditional PUT an object. A try is one request (put: two, when the
// key turns out to be there); trying again is the caller's.
#pragma once

#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "pipeline/clock.h"
#include "pipeline/store/credentials/credential_source.h"
#include "pipeline/store/object_store.h"
#include "pipeline/store/s3_request.h"

namespace cistern {

// Any thread. The clock and the executors must outlive the store; requests under way must end before it.
//
// An object is ours when its user metadata names our journal and our sequence. Looking at it needs
// s3:GetObject. Where its stored checksum is not that of the bytes that were sent, that is an error and not a
// success. Error `invalid`: a setting that cannot work. No network traffic.
Result<std::unique_ptr<ObjectStore>> make_s3_store(S3Options options,
                                                   std::shared_ptr<CredentialSource> credentials,
                                                   Clock& clock, boost::asio::any_io_executor io,
                                                   boost::asio::any_io_executor workers);

}  // namespace cistern
