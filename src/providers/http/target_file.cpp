#include "providers/http/target_file.h"

#include <system_error>
#include <utility>

#include "net/background.h"
#include "operators/outcome.h"

namespace venturi::providers {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailed;
using operators::TaskFailedForGood;

std::string target_path(const OperatorTry& t, const Arguments& arguments) {
  if (const std::string path = arguments.string("path"); !path.empty()) {
    if (path.front() != '/') throw TaskFailedForGood("the argument path must be absolute: it lies on the worker's machine");
    if (arguments.find("file_name") != nullptr) throw TaskFailedForGood("give either path or file_name, not both");
    return path;
  }
  const std::string index = t.facts.map_index < 0 ? std::string() : "." + std::to_string(t.facts.map_index);
  const std::string name = arguments.string("file_name", t.facts.task_id + index);
  if (name.empty() || name.front() == '.' || name.find('/') != std::string::npos || name.find('\0') != std::string::npos)
    throw TaskFailedForGood("the argument file_name must be the name of a file, without folders; path takes another place");
  if (t.run_dir->empty()) throw TaskFailed("the server gave no folder for files of the run: give path");
  return *t.run_dir + "/" + name;
}

asio::awaitable<void> beside(std::function<void()> work) {
  auto job = [work = std::move(work)] {
    work();
    return true;
  };
  try {
    (void)co_await net::in_background(std::move(job));
  } catch (const std::system_error& e) {
    throw TaskFailed(std::string("the file cannot be written: ") + e.what());
  }
}

}  // namespace venturi::providers
