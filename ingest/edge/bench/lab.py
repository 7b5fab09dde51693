"""What the bench scripts share: processes that end with the script, the servers under test, and CPU time from /proc."""

import atexit
import ctypes
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", ".."))
EDGE = os.path.join(ROOT, "ingest", "edge", "target")
MAIN = "io.counterfoil.edge.EdgeMain"
BODY = '{"id":42,"name":"widget","price":1299,"currency":"EUR","stock":170000}'
PATH = "/v1/items/42"
KEY = "k1"
WORKERS = 2
NDK_MODULE = "/usr/lib/nginx/modules/ndk_http_module.so"
LUA_MODULE = "/usr/lib/nginx/modules/ngx_http_lua_module.so"
TICKS = os.sysconf("SC_CLK_TCK")


class Fault(Exception):
    """Told to the operator in one line, exit code 2."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def script(main):
    """Runs main; faults are one line, a signal ends the script and everything it started."""
    name = os.path.basename(sys.argv[0])
    for signum in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, lambda *_: sys.exit(130))
    try:
        sys.exit(main() or 0)
    except Fault as fault:
        say(f"{name}: {fault}")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


def need(tools, install):
    """Debian's packages for those tools: installs them, or fails with a word on what is missing."""
    missing = [package for tool, package in tools.items() if not (shutil.which(tool) or os.path.exists(tool))]
    if missing and install:
        say("installing " + " ".join(missing))
        environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        subprocess.run(["apt-get", "install", "-y", "-q", "--no-install-recommends"] + missing,
                       env=environment, stdout=sys.stderr, check=True)
        missing = [package for tool, package in tools.items() if not (shutil.which(tool) or os.path.exists(tool))]
    if missing:
        raise Fault("missing " + ", ".join(missing) + "; run again with --install (apt-get install), or install "
                    + ("it" if len(missing) == 1 else "them") + " yourself")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def dies_with_script():
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


class Lab:
    """A scratch folder and the processes started for it; both go when the script ends."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="counterfoil-bench-")
        # nginx's workers run as another user.
        os.chmod(self.folder, 0o755)
        self.processes = []
        atexit.register(self.close)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def start(self, name, command, environment=None):
        with open(self.path(name + ".out"), "ab") as out:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=subprocess.STDOUT,
                                       env=dict(os.environ, **(environment or {})), preexec_fn=dies_with_script)
        self.processes.append(process)
        return process

    def said(self, name):
        with open(self.path(name + ".out"), encoding="utf-8", errors="replace") as out:
            return out.read().strip()

    def stop(self, process, signum=signal.SIGTERM):
        if process.poll() is None:
            process.send_signal(signum)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process in self.processes:
            self.processes.remove(process)

    def close(self):
        for process in list(reversed(self.processes)):
            self.stop(process)
        shutil.rmtree(self.folder, ignore_errors=True)

    def until(self, condition, what, name, process=None, seconds=60):
        deadline = time.monotonic() + seconds
        while not condition():
            if process is not None and process.poll() is not None:
                raise Fault(f"{what} ended with code {process.returncode}: {self.said(name)}")
            if time.monotonic() > deadline:
                raise Fault(f"{what} was not ready within {seconds} s: {self.said(name)}")
            time.sleep(0.02)


def answers(port):
    try:
        with socket.create_connection(("127.0.0.1", port), 1):
            return True
    except OSError:
        return False


class Server:
    """One variant: where it listens, and the processes whose CPU time is its own."""

    def __init__(self, port, pids, path=PATH):
        self.port = port
        self.pids = pids
        self.path = path

    def cpu_seconds(self):
        """User and system time of all threads, also of those that ended."""
        ticks = 0
        for pid in self.pids:
            with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / TICKS


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(child) for child in file.read().split()]


NGINX = """
worker_processes {workers}; daemon off; pid {dir}/{name}.pid; error_log {dir}/{name}.err; events {{ worker_connections 4096; }}
http {{
  {log}
  keepalive_requests 1000000000;
  client_body_temp_path {dir}/t1; proxy_temp_path {dir}/t2; fastcgi_temp_path {dir}/t3; uwsgi_temp_path {dir}/t4; scgi_temp_path {dir}/t5;
  map $http_x_api_key $known {{ default 0; "k1" 1; }}
  {http}
  server {{ listen 127.0.0.1:{port} reuseport; location / {{ {location} }} }}
}}
"""
KNOWN = "if ($known = 0) { return 401; }"
BUFFERED_LOG = """log_format record escape=json
    '$request_id,$msec,$http_x_api_key,$request_method,$uri,$status,$request_length,$bytes_sent,$http_x_request_id';
  access_log {dir}/{name}.access record buffer=64k flush=1s;"""
SYNCHRONOUS = """access_by_lua_block {
      local s = ngx.socket.tcp(); s:settimeout(1000)
      if not s:connect("127.0.0.1", %d) then return ngx.exit(503) end
      local k = "u:" .. ngx.var.http_x_api_key .. ":" .. math.floor(ngx.time() / 3600)
      s:send("*2\\r\\n$4\\r\\nINCR\\r\\n$" .. #k .. "\\r\\n" .. k .. "\\r\\n")
      local n = tonumber(string.sub(s:receive(), 2)); s:setkeepalive(10000, 200)
      if n > 1e12 then return ngx.exit(429) end
    }
    content_by_lua_block { ngx.print('%s') }"""


def nginx(lab, name, location, http="", log="access_log off;", modules="", workers=WORKERS):
    port = free_port()
    text = modules + NGINX.format(dir=lab.folder, name=name, port=port, workers=workers, http=http, location=location,
                                  log=log.format(dir=lab.folder, name=name) if "{dir}" in log else log)
    process = lab.start(name, ["nginx", "-p", lab.folder, "-c", lab.write(name + ".conf", text), "-e", lab.path(name + ".err")])
    lab.until(lambda: answers(port) and len(children(process.pid)) == workers, "nginx " + name, name, process)
    server = Server(port, [process.pid] + children(process.pid))
    server.process = process
    return server


def nginx_logging(lab, name="nginx-log"):
    """A map of keys, a constant document, and an access log that is buffered 64 KiB a worker."""
    return nginx(lab, name, KNOWN + f" default_type application/json; return 200 '{BODY}';", log=BUFFERED_LOG)


def nginx_synchronous(lab):
    """The same answer, after one INCR of Redis over a kept connection."""
    redis_port = free_port()
    redis = lab.start("redis", ["redis-server", "--port", str(redis_port), "--bind", "127.0.0.1", "--save", "", "--appendonly",
                                "no", "--dir", lab.folder])
    lab.until(lambda: answers(redis_port), "redis-server", "redis", redis)
    # Debian loads its modules from files that nginx.conf includes; this configuration is not that one.
    modules = f"load_module {NDK_MODULE}; load_module {LUA_MODULE};"
    server = nginx(lab, "nginx-sync", KNOWN + " default_type application/json; " + SYNCHRONOUS % (redis_port, BODY), modules=modules,
                   http='lua_package_path "/usr/share/lua/5.1/?.lua;;";')
    server.pids.append(redis.pid)
    return server


def origin(lab):
    """What the proxies proxy to; its CPU time is nobody's."""
    return nginx(lab, "origin", f"default_type application/json; return 200 '{BODY}';", workers=1)


def nginx_proxy(lab, origin_port):
    upstream = f"upstream origin {{ server 127.0.0.1:{origin_port}; keepalive 64; keepalive_requests 1000000000; }}"
    location = KNOWN + ' proxy_http_version 1.1; proxy_set_header Connection ""; proxy_pass http://origin;'
    return nginx(lab, "nginx-proxy", location, http=upstream, log=BUFFERED_LOG)


def java():
    home = os.environ.get("JAVA_HOME")
    return os.path.join(home, "bin", "java") if home else "java"


def build():
    """The launcher builds what is not there or older than its sources."""
    subprocess.run([os.path.join(ROOT, "counterfoil"), "--version"], check=True, stdout=subprocess.DEVNULL)
    if not os.path.exists(os.path.join(EDGE, "test-classes", "io", "counterfoil", "edge", "bench", "BenchDatabase.class")):
        raise Fault("the edge's bench classes are not built; run 'mvn -q -DskipTests package' in " + ROOT)


def jar(folder, suffix=""):
    target = os.path.join(ROOT, folder, "target")
    for name in sorted(os.listdir(target)):
        other = re.search(r"-(tests|sources|javadoc)\.jar$", name)
        if name.startswith("counterfoil-") and name.endswith(suffix + ".jar") and (suffix or not other):
            return os.path.join(target, name)
    raise Fault(f"there is no jar in {target}; run 'mvn -q -DskipTests package' in {ROOT}")


def edge_classpath():
    return jar("ingest/edge") + ":" + os.path.join(EDGE, "edge", "lib", "*")


def bench_classpath():
    with open(os.path.join(ROOT, "schedules", "target", "classpath"), encoding="utf-8") as file:
        rest = file.read().strip()
    return ":".join([os.path.join(EDGE, "test-classes"), jar("sql", "-tests"), rest])


def has_bench_class(name):
    return os.path.exists(os.path.join(EDGE, "test-classes", "io", "counterfoil", "edge", "bench", name + ".class"))


def database(lab, keys):
    """An embedded PostgreSQL with that many keys; returns its JDBC URL. Its CPU time is no request's and is not counted."""
    url = lab.path("url")
    process = lab.start("database", [java(), "-Xmx512m", "-XX:+UseSerialGC", "-cp", bench_classpath(),
                                     "io.counterfoil.edge.bench.BenchDatabase", str(keys), url])
    lab.until(lambda: os.path.exists(url), "the database", "database", process, 180)
    with open(url, encoding="utf-8") as file:
        return file.read().strip()


def edge_flags(options):
    """What the edge's JVM is started with: --jvm, else what the launcher passes."""
    if options is not None:
        return shlex.split(options)
    with open(os.path.join(ROOT, "ingest/edge/src/main/resources/io/counterfoil/edge/jvm.options"), encoding="utf-8") as file:
        flags = [line.strip() for line in file if line.startswith("-")]
    return flags + ["-XX:SharedArchiveFile=" + class_archive()]


def class_archive():
    """Made with the package."""
    archive = os.path.join(EDGE, "edge", "classes.jsa")
    if not os.path.exists(archive):
        raise Fault(f"{archive} is not there; see {os.path.join(EDGE, 'edge', 'classes.log')} for what kept it from being made")
    return archive


def edge_environment(jdbc_url):
    # Health and metrics are on, as they are by default; several edges run at once, so on any free port.
    return {"COUNTERFOIL_DATABASE_URL": jdbc_url, "COUNTERFOIL_EDGE_ADMIN": "127.0.0.1:0", "MALLOC_ARENA_MAX": "2"}


def edge(lab, name, jdbc_url, flags, home=None, main=MAIN, classpath=None, origin_port=None):
    """Starts an edge and waits for it; its folder is home, or a new one."""
    home = home or name
    if not os.path.exists(lab.path(home, "edge.yaml")):
        os.makedirs(lab.path(home, "items"), exist_ok=True)
        lab.write(os.path.join(home, "items", "42.json"), BODY)
        route = f"origin: http://127.0.0.1:{origin_port}" if origin_port else "dataset: items"
        lab.write(os.path.join(home, "edge.yaml"),
                  f"edge: {home}\nlisten: 127.0.0.1:0\nseal_after: 1s\nevent_loops: {WORKERS}\n"
                  f"routes:\n  - name: items\n    path: /v1/items/{{id}}\n    {route}\n")
    ready = lab.path(home, "ready")
    if os.path.exists(ready):
        os.remove(ready)
    process = lab.start(name, [java()] + flags + ["-cp", classpath or edge_classpath(), main, "--config",
                                                  lab.path(home, "edge.yaml"), "--home", lab.path(home), "--ready-file", ready,
                                                  "--stop-with-parent"], edge_environment(jdbc_url))
    lab.until(lambda: os.path.exists(ready), "the edge", name, process)
    with open(ready, encoding="ascii") as file:
        server = Server(int(file.read().strip().rsplit(":", 1)[1]), [process.pid])
    server.process = process
    return server


def wrk(server, seconds, connections):
    """A load of wrk's; returns requests, requests/s, p50 and p99 in milliseconds."""
    out = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-H", f"x-api-key: {KEY}",
                          f"http://127.0.0.1:{server.port}{server.path}"], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        raise Fault("not every request was answered 200:\n" + out)
    millis = {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}

    def latency(percent):
        value, unit = re.search(rf"{percent}%\s+([\d.]+)(us|ms|s|m)\n", out).groups()
        return float(value) * millis[unit]

    return {
        "requests": int(re.search(r"(\d+) requests in", out).group(1)),
        "rate": float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1)),
        "p50": latency(50),
        "p99": latency(99),
    }


def machine():
    """Commit, date and machine, for the head of a result."""
    def one(*command):
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()

    model = ""
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as info:
        for line in info:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    dirty = " and changes" if one("git", "status", "--porcelain", "--untracked-files=no") else ""
    version = subprocess.run([java(), "-version"], capture_output=True, text=True, check=False).stderr.splitlines()
    return {
        "commit": (one("git", "rev-parse", "--short", "HEAD") or "unknown") + dirty,
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "processors": len(os.sched_getaffinity(0)),
        "model": model,
        "kernel": os.uname().release,
        "java": version[0] if version else "unknown",
    }
