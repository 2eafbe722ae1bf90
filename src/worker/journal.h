// What tasks have told and no server has confirmed, kept on disk while there is none: a task that ended is not called lost
// because server and worker died one after the other. Held are whole frames (TryMessage, TryExited), as they will be sent
// again; their (token, seq) makes repetition harmless, so entries need no removing one by one.
//
// $VENTURI_HOME/worker/journal:  | length 4 B | crc 4 B | frame |  repeated; a torn end is passed over.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"

namespace venturi::worker {

class Journal {
 public:
  // Throws std::system_error where the file cannot be read.
  explicit Journal(const std::string& folder);

  // The frames that a predecessor left behind.
  [[nodiscard]] const std::vector<std::string>& found() const { return found_; }
  void forget_found() { found_.clear(); }

  // Durable after sync(). Both throw std::system_error.
  void append(std::string_view frame);
  void sync();
  // All of it was confirmed.
  void clear();
  [[nodiscard]] bool empty() const { return bytes_ == 0; }

 private:
  std::string path_;
  Fd file_;
  std::vector<std::string> found_;
  std::string unwritten_;
  std::size_t bytes_ = 0;  // of whole entries in the file
};

}  // namespace venturi::worker
