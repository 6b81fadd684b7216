// What the tests of this room share: a folder of their own, a server whose answers a test writes, other programs.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "base/fd.h"
#include "hooks/child_process.h"

namespace segue::hooks::testing {

class Folder {
 public:
  Folder() {
    std::string pattern = std::filesystem::temp_directory_path() / "segue-hooks-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  std::string file(const std::string& name) const { return path_ + "/" + name; }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(file(name), std::ios::binary) << text;
    return file(name);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline std::string read(const std::string& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

// A listener on 127.0.0.1 that calls `answer` with each connection, one after the other.
class Listener {
 public:
  explicit Listener(std::function<void(int)> answer)
      : listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), answer_(std::move(answer)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listening_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(listening_.get(), 16);
    socklen_t size = sizeof address;
    ::getsockname(listening_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() {
    ::shutdown(listening_.get(), SHUT_RDWR);  // wakes accept
    thread_.join();
  }

  int port() const { return port_; }
  std::string place() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  void serve() {
    for (;;) {
      const Fd connection(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (connection.get() < 0) return;
      answer_(connection.get());
    }
  }

  Fd listening_;
  std::function<void(int)> answer_;
  int port_ = 0;
  std::thread thread_;
};

// Returns when the other side has closed the connection.
inline void wait_for_hang_up(int connection) {
  char byte = 0;
  while (::recv(connection, &byte, 1, 0) > 0) {
  }
}

// HTTP as far as a test needs it: the whole request as it came, and an answer as text.
class HttpServer {
 public:
  explicit HttpServer(std::function<std::string(const std::string&)> answer)
      : answer_(std::move(answer)), listener_([this](int connection) { serve(connection); }) {}

  std::string url(const std::string& path) const { return "http://" + listener_.place() + path; }
  std::string place() const { return listener_.place(); }
  std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void serve(int connection) {
    const auto request = read_request(connection);
    if (request.empty()) return;
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    const auto answer = answer_(request);
    if (answer.empty()) return wait_for_hang_up(connection);
    ::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
  }

  static std::string read_request(int connection) {
    std::string text;
    std::size_t wanted = std::string::npos;
    while (text.size() < wanted) {
      char piece[4096];
      const auto count = ::recv(connection, piece, sizeof piece, 0);
      if (count <= 0) return text;
      text.append(piece, static_cast<std::size_t>(count));
      const auto end = text.find("\r\n\r\n");
      if (end == std::string::npos) continue;
      const auto length = text.find("Content-Length: ");
      wanted = end + 4 + (length < end ? std::stoul(text.substr(length + 16)) : 0);
    }
    return text;
  }

  std::function<std::string(const std::string&)> answer_;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  Listener listener_;  // last: its thread uses the others
};

inline std::string http_answer(int status, const std::string& body, const std::string& headers = {}) {
  return "HTTP/1.1 " + std::to_string(status) + " Word\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n" + headers + "\r\n" + body;
}

// Another program that serves until the test ends.
class Program {
 public:
  explicit Program(std::vector<std::string> words) : child_(*ChildProcess::start({std::move(words)})) {}
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() { child_.end(); }

  // Everything that it has written, once `word` is in it; without `word` if it ended before.
  std::string output_with(const std::string& word) {
    while (child_.output().find(word) == std::string::npos && !child_.exit_code()) {
      child_.wait(std::chrono::milliseconds(100));
    }
    return child_.output();
  }

 private:
  ChildProcess child_;
};

// An environment variable for the time of a test.
class Variable {
 public:
  Variable(std::string name, const std::string& value) : name_(std::move(name)) {
    if (const char* before = std::getenv(name_.c_str())) before_ = before;
    ::setenv(name_.c_str(), value.c_str(), 1);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() {
    if (before_) {
      ::setenv(name_.c_str(), before_->c_str(), 1);
    } else {
      ::unsetenv(name_.c_str());
    }
  }

 private:
  std::string name_;
  std::optional<std::string> before_;
};

}  // namespace segue::hooks::testing
