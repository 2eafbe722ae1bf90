#include "providers/http/passing_file.h"

#include <unistd.h>

#include <fmt/format.h>

#include "operators/outcome.h"

namespace venturi::providers {

PassingFile::PassingFile(const operators::OperatorTry& t, std::string_view name) {
  if (t.run_dir->empty()) throw operators::TaskFailed("the server gave no folder for files of the run, over which files go");
  path_ = fmt::format("{}/.passing-{}{}{}", *t.run_dir, t.facts.ti_id, name.empty() ? "" : "-", name);
}

PassingFile::~PassingFile() {
  ::unlink(path_.c_str());
}

}  // namespace venturi::providers
