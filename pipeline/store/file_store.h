// Objects as files below a folder. A reader sees a whole file or none:
//
//   <root>/.cistern-incoming/<journal id>-<sequence>   written and synced aside, in the same file system
//   <root>/<prefix><key>                               linked into place, never replacing; then its folders
//   are synced
//
// The name aside belongs to one object of one journal. What a crash leaves there is overwritten when that
// object is put again after the restart, as every sealed object that was not stored is; so nothing has to be
// swept, and replicas may share a folder.
//
// A file is our own object when its bytes are the object's. Under a name of ours ("…-<journal id>-<sequence>
// [-<number>].<extension>", see pipeline/archive/object_key.h) it is so too when its lines are: another
// compressor's version may have made the bytes. The name alone does not do, since a journal that was put back
// from an old copy gives it to other events.
//
// Modes are Disk's: files 0640, folders 0750, less the umask: logs are for the owner and the group.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "pipeline/disk.h"
#include "pipeline/store/object_store.h"

namespace cistern {

struct FileStoreOptions {
  std::string root = "archive";  // made when the first object comes
  std::string prefix;            // put before every key as it is; "logs/" makes a folder, "logs-" does not
};

// Any thread. All work that blocks runs on `workers`. Disk and executor must outlive the store; operations
// under way must end before it.
std::unique_ptr<ObjectStore> make_file_store(FileStoreOptions options, Disk& disk,
                                             boost::asio::any_io_executor workers);

}  // namespace cistern
