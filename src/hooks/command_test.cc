#include "hooks/command.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "hooks/test_help.h"

namespace segue::hooks {
namespace {

using testing::Folder;

Ended ended(const Command& command) {
  const auto done = run(command, nullptr);
  if (done) return *done;
  ADD_FAILURE() << to_text(done.error());
  return {};
}

Ended shell(const std::string& script) {
  return ended({{"sh", "-c", script}});
}

Error error_of(const Command& command) {
  const auto done = run(command, nullptr);
  if (!done) return done.error();
  ADD_FAILURE() << "ended with " << done->exit_code << ": " << done->output;
  return {};
}

// Neither gone nor a zombie that its parent has yet to bury.
bool lives(const std::string& pid) {
  const auto state = testing::read("/proc/" + pid + "/stat");
  const auto name_end = state.rfind(") ");
  return name_end != std::string::npos && state[name_end + 2] != 'Z' && state[name_end + 2] != 'X';
}

TEST(Command, GivesExitCodeAndOutput) {
  const auto done = shell("echo out; echo err >&2; exit 3");
  EXPECT_EQ(done.exit_code, 3);
  EXPECT_EQ(done.output, "out\nerr\n");
  EXPECT_GT(done.ms, 0);
  EXPECT_EQ(shell("kill -9 $$").exit_code, 137);
  EXPECT_EQ(ended({{"true"}}).exit_code, 0);
}

TEST(Command, IsNoShell) {
  EXPECT_EQ(ended({{"echo", "$HOME;", "*", "a  b", ""}}).output, "$HOME; * a  b \n");
}

TEST(Command, KeepsTheLast4KbAsValidText) {
  const auto done = shell("for i in $(seq 20000); do echo \"line ä $i\"; done; printf '\\377end'");
  EXPECT_LE(done.output.size(), 4096U);
  EXPECT_GT(done.output.size(), 4000U);
  EXPECT_TRUE(done.output.ends_with("line ä 20000\n\uFFFDend")) << done.output;
}

TEST(Command, HasItsEnvironmentAndFolder) {
  const testing::Variable ours("SEGUE_TEST_KEPT", "kept"), replaced("SEGUE_TEST_REPLACED", "before");
  const auto done = ended({{"sh", "-c",
                            "echo $SEGUE_TEST_KEPT $SEGUE_TEST_REPLACED $SEGUE_TEST_ADDED; pwd; env | grep -c "
                            "SEGUE_TEST_REPLACED"},
                           {{"SEGUE_TEST_REPLACED", "after"}, {"SEGUE_TEST_ADDED", "a=b c"}},
                           "/usr"});
  EXPECT_EQ(done.output, "kept after a=b c\n/usr\n1\n");
}

TEST(Command, InheritsNothing) {
  const Folder folder;
  const Fd open(::open(folder.file("open").c_str(), O_CREAT | O_RDWR, 0600));  // no O_CLOEXEC
  const Fd our_input(::dup(STDIN_FILENO));
  ::dup2(open.get(), STDIN_FILENO);
  const auto files = shell("ls -l /proc/self/fd");
  ::dup2(our_input.get(), STDIN_FILENO);
  EXPECT_EQ(files.output.find("segue-hooks"), std::string::npos) << files.output;
  EXPECT_NE(files.output.find("0 -> /dev/null"), std::string::npos) << files.output;
  EXPECT_EQ(shell("cat").output, "");

  sigset_t blocked, before;
  sigfillset(&blocked);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const auto ignored = ::signal(SIGPIPE, SIG_IGN);
  const auto signals = ended({{"grep", "-E", "Sig(Blk|Ign)", "/proc/self/status"}});
  ::signal(SIGPIPE, ignored);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  // 32 and 33 belong to the C library, which ignores them in what it starts.
  EXPECT_EQ(signals.output, "SigBlk:\t0000000000000000\nSigIgn:\t0000000180000000\n");
}

TEST(Command, ThatCannotBeStartedSaysWhy) {
  const Folder folder;
  const auto no_program = error_of({{"segue-no-such-program", "Zq1secret"}});
  EXPECT_EQ(no_program.message, "there is no such program");
  EXPECT_EQ(no_program.code, "no-program");
  EXPECT_EQ(no_program.where, "segue-no-such-program");
  EXPECT_EQ(error_of({{folder.file("absent")}}).message, "there is no such program");
  EXPECT_EQ(error_of({{folder.write("plain", "#!/bin/sh\n")}}).message, "the program may not be executed");
  EXPECT_EQ(error_of({{folder.path()}}).code, "not-executable");
  const auto orphan = folder.write("orphan", "#!/no/such/interpreter\n");
  const auto headless = folder.write("headless", "echo no first line\n");
  for (const auto& file : {orphan, headless}) std::filesystem::permissions(file, std::filesystem::perms(0755));
  EXPECT_EQ(error_of({{orphan}}).message,
            "the program cannot be started: the interpreter of its first line (#!) is not there");
  EXPECT_EQ(error_of({{"./orphan"}, {}, folder.path()}).message,
            "the program cannot be started: the interpreter of its first line (#!) is not there");
  EXPECT_EQ(error_of({{headless}}).message, "the program is neither binary nor script for this machine");
  EXPECT_EQ(error_of({{"true"}, {}, folder.file("absent")}).where, folder.file("absent"));
  EXPECT_EQ(error_of({{"true"}, {}, orphan}).message, "the command's working folder is no folder");
  EXPECT_EQ(error_of({{}}).exit, Exit::usage);
  EXPECT_EQ(error_of({{""}}).exit, Exit::usage);
  EXPECT_EQ(error_of({{"true", std::string("a\0b", 3)}}).exit, Exit::usage);
  EXPECT_EQ(error_of({{"true"}, {{"A=B", "c"}}, {}}).exit, Exit::usage);
}

TEST(Command, IsEndedWithItsWholeGroupAtTheTimeout) {
  Command command{{"sh", "-c", "sleep 1000 & echo $!; wait"}};
  command.timeout = std::chrono::milliseconds(300);
  const auto error = error_of(command);
  EXPECT_EQ(error.code, "command-timeout");
  const std::string before = "the command did not end within 300 ms and was ended; its last line: ";
  ASSERT_TRUE(error.message.starts_with(before)) << error.message;
  EXPECT_FALSE(lives(error.message.substr(before.size())));
}

TEST(Command, ThatIgnoresSigtermIsKilled) {
  Command command{{"sh", "-c", "trap '' TERM; (while :; do sleep 0.05; done) & echo $!; while :; do sleep 0.05; done"}};
  command.timeout = std::chrono::milliseconds(100);
  const auto started = std::chrono::steady_clock::now();
  const auto error = error_of(command);
  EXPECT_EQ(error.code, "command-timeout");
  EXPECT_FALSE(lives(error.message.substr(error.message.rfind(' ') + 1)));
  EXPECT_GE(std::chrono::steady_clock::now() - started, std::chrono::seconds(2));
}

TEST(Command, MayCleanUpAtSigterm) {
  const Folder folder;
  Command command{
      {"sh", "-c", "trap 'echo cleaned > done; exit' TERM; while :; do sleep 0.02; done"}, {}, folder.path()};
  command.timeout = std::chrono::milliseconds(300);
  EXPECT_EQ(error_of(command).code, "command-timeout");
  EXPECT_EQ(testing::read(folder.file("done")), "cleaned\n");
}

TEST(Command, IsNotWaitedForThroughAGrandchild) {
  // The grandchild keeps the pipe open, and writes without end.
  const auto done = shell("yes & yes & yes & exit 4");
  EXPECT_EQ(done.exit_code, 4);
  EXPECT_LT(done.ms, 10'000);
  // Its next write into the pipe that nobody reads ends it.
}

TEST(Command, LeavesABackgroundProcessAlone) {
  const auto done = shell("sleep 1000 & echo $!");
  const auto pid = done.output.substr(0, done.output.size() - 1);
  EXPECT_TRUE(lives(pid));
  ::kill(std::stoi(pid), SIGKILL);
}

TEST(Command, EndsAtAStop) {
  const Folder folder;
  std::atomic<bool> stop = false;
  std::thread stopper([&] {
    while (testing::read(folder.file("pid")).find('\n') == std::string::npos) std::this_thread::yield();
    stop = true;
  });
  const auto done = run({{"sh", "-c", "echo $$ > pid; exec sleep 1000"}, {}, folder.path()}, &stop);
  stopper.join();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, "stopped");
  EXPECT_EQ(done.error().exit, Exit::stopped);
  const auto pid = testing::read(folder.file("pid"));
  EXPECT_FALSE(lives(pid.substr(0, pid.size() - 1)));
}

TEST(Command, RunsFromManyThreads) {
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&, thread] {
      for (int turn = 0; turn < 10; ++turn) {
        const auto word = std::to_string(thread) + "-" + std::to_string(turn);
        right += ended({{"echo", word}}).output == word + "\n" ? 1 : 0;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, 80);
}

}  // namespace
}  // namespace segue::hooks
