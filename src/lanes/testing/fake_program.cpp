// A compiled DAG program whose behaviour is written behind its end by the tests, a "key=value" a line:
//   dag=ID[:TASK,...]   declares a DAG        print=TEXT   on stderr, before anything else
//   mode=MODE           see below; default: describe
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "base/fd.h"
#include "task/frame.h"
#include "venturi/fake_sdk.h"

extern char** environ;

namespace {

using venturi::Object;
using venturi::fake::FakeDag;

struct Behaviour {
  std::string mode = "describe", import_error;
  std::vector<FakeDag> dags;
};

Behaviour read_behaviour() {
  std::ifstream self("/proc/self/exe", std::ios::binary);
  const std::string all((std::istreambuf_iterator<char>(self)), std::istreambuf_iterator<char>());
  // Put together here, so that the mark is found behind the program only.
  const std::string mark = std::string("\n--be") + "have--\n";
  std::istringstream lines(all.substr(all.rfind(mark) + mark.size()));
  Behaviour b;
  for (std::string line; std::getline(lines, line);) {
    const std::string key = line.substr(0, line.find('=')), value = line.substr(line.find('=') + 1);
    if (key == "mode") b.mode = value;
    if (key == "import_error") b.import_error = value;
    if (key == "print") std::fprintf(stderr, "%s\n", value.c_str());
    if (key == "dag") {
      FakeDag dag{value.substr(0, value.find(':'))};
      if (value.find(':') != std::string::npos) {
        dag.task_ids.clear();
        std::istringstream ids(value.substr(value.find(':') + 1));
        for (std::string id; std::getline(ids, id, ',');) dag.task_ids.push_back(id);
      }
      b.dags.push_back(dag);
    }
  }
  return b;
}

// What a program sees of its surroundings, as the ids of a DAG's tasks would not carry it: an import error does.
std::string surroundings() {
  std::string text;
  for (char** e = environ; *e != nullptr; ++e) text += std::string(*e).substr(0, std::string(*e).find('=')) + " ";
  text += "| fds";
  for (int fd = 0; fd < 256; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) text += " " + std::to_string(fd);
  }
  rlimit core{}, memory{};
  ::getrlimit(RLIMIT_CORE, &core);
  ::getrlimit(RLIMIT_AS, &memory);
  text += " | core " + std::to_string(core.rlim_cur) + " memory " + std::to_string(memory.rlim_cur);
  text += ::getpgrp() == ::getpid() ? " | own group" : " | group of another";
  char folder[4096] = {};
  text += std::string(" | ") + (::getcwd(folder, sizeof folder) != nullptr ? folder : "no folder");
  return text;
}

}  // namespace

int main() {
  const Behaviour b = read_behaviour();
  if (b.mode == "crash") std::abort();
  if (b.mode == "exit") return 7;
  if (b.mode == "hang") ::pause();
  if (b.mode == "stdout") std::puts("Hello, I am no DAG program");
  if (b.mode == "stdout") return 0;
  if (b.mode == "rubbish") return venturi::write_all(0, std::string("\0\0\0\5hello", 9)) ? ::pause() : 1;
  if (b.mode == "oversize") return venturi::write_all(0, "\xff\xff\xff\xff") ? ::pause() : 1;
  if (b.mode == "half") return venturi::write_all(0, std::string("\0\0\1\0\x93", 5)) ? 0 : 1;
  if (b.mode == "surroundings") return venturi::fake::describe({}, surroundings());
  if (b.mode == "grandchild" && ::fork() == 0) ::pause();  // in the same group
  if (b.mode == "variable") {
    venturi::task::write_frame(0, 5, Object{{"type", "GetVariable"}, {"key", "k"}});
    (void)venturi::task::read_frame(0);  // the request
    const auto answer = venturi::task::read_frame(0);
    std::fprintf(stderr, "%s\n", to_json(answer->body).c_str());
    return answer->id == 5 ? 9 : 1;
  }
  const int end = venturi::fake::describe(b.dags, b.import_error);
  if (b.mode == "stay") ::pause();
  if (b.mode == "crash_after") std::abort();
  return end;
}
