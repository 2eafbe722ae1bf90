// A file of the run over which something goes from one system to another: hidden in the run's folder, and gone at the end.
#pragma once

#include <string>

#include "operators/operator_try.h"

namespace venturi::providers {

class PassingFile {
 public:
  // Throws TaskFailed where the run has no folder.
  explicit PassingFile(const operators::OperatorTry& t);
  PassingFile(const PassingFile&) = delete;
  PassingFile& operator=(const PassingFile&) = delete;
  ~PassingFile();
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace venturi::providers
