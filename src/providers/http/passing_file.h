// A file of the run that only passes: between two systems, or through a command.
#pragma once

#include <string>
#include <string_view>

#include "operators/operator_try.h"

namespace venturi::providers {

// In the run's folder, and gone at the end.
class PassingFile {
 public:
  // `name` tells several of one try apart. Throws TaskFailed where the run has no folder.
  explicit PassingFile(const operators::OperatorTry& t, std::string_view name = {});
  PassingFile(const PassingFile&) = delete;
  PassingFile& operator=(const PassingFile&) = delete;
  ~PassingFile();
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace venturi::providers
