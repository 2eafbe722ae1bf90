// A file that is there as a whole or not at all: written beside its place under a hidden name, synced and renamed.
#pragma once

#include <string>
#include <string_view>

#include "base/fd.h"

namespace venturi::inline sdk::internal {

class WholeFile {
 public:
  // Makes missing folders. Throws std::system_error naming the path, as all of it does.
  explicit WholeFile(std::string path);
  ~WholeFile();  // without finish(): nothing is left
  WholeFile(const WholeFile&) = delete;
  WholeFile& operator=(const WholeFile&) = delete;

  void write(std::string_view bytes);
  void finish();

 private:
  void flush();

  std::string path_, hidden_, buffer_;
  Fd fd_;
};

// The folders above it that are missing, private to the user. The folder of a run is made by whoever first needs it.
void make_folder_of(const std::string& path);

}  // namespace venturi::inline sdk::internal
