"""Well-known programs that none of the agents serves, by name."""

_PROGRAMS = {
    "Ruby": (
        "ruby irb rails rake bundle bundler puma pumactl unicorn unicorn_rails thin sidekiq rackup"
        " passenger resque jekyll fluentd gem solid_queue good_job shoryuken karafka td-agent"
        " iodine pry hanami"
    ),
    "PHP": "php php-fpm php-cgi composer artisan phpunit frankenphp rr roadrunner drush wp",
    "Perl": "perl plackup starman hypnotoad morbo starlet twiggy exiftool spamd",
    "Bun": "bun bunx",
    "Deno": "deno",
    "PyPy": "pypy pypy2 pypy3",
    "MicroPython": "micropython",
    "Mono": "mono mono-sgen csharp",
    "PowerShell": "pwsh powershell",
    "Erlang": "erl erlexec beam.smp epmd escript rebar3 ejabberdctl",
    "Elixir": "elixir iex mix",
    "RabbitMQ": "rabbitmq-server rabbitmqctl",
    "EMQX": "emqx",
    "CouchDB": "couchdb",
    "R": "R Rscript rserver shiny-server rstudio-server",
    "Julia": "julia",
    "Dart": "dart",
    "Swift": "swift",
    "Lua": "lua luajit luvit",
    "Tarantool": "tarantool",
    "Haskell": "cabal ghc runghc runhaskell",
    "OCaml": "ocaml ocamlrun",
    "Racket": "racket",
    "Common Lisp": "sbcl clisp",
    "Tcl": "tclsh wish expect",
    "Rust": (
        "cargo rustc rustup vector meilisearch qdrant linkerd2-proxy tikv-server sccache"
        " solana-validator routinator vaultwarden ripgrep wasmtime"
    ),
    "Octave": "octave octave-cli",
    "nginx": "nginx nginx-debug openresty tengine angie",
    "Apache httpd": (
        "httpd httpd-foreground apache2 apache2ctl apachectl apache2-foreground httpd.worker"
        " rotatelogs"
    ),
    "Envoy": "envoy func-e",
    "HAProxy": "haproxy haproxy-systemd-wrapper",
    "Varnish": "varnishd",
    "Squid": "squid",
    "lighttpd": "lighttpd",
    "ATS": "traffic_server traffic_manager",
    "PgBouncer": "pgbouncer pgpool pgcat odyssey",
    "PostgreSQL": (
        "postgres postmaster pg_ctl psql pg_dump pg_restore pg_isready pg_basebackup initdb"
    ),
    "MySQL": "mysqld mysqld_safe mysql mysqldump mysqladmin mysqlsh mysqlrouter",
    "MariaDB": "mariadbd mariadbd-safe mariadb mariadb-dump",
    "ProxySQL": "proxysql",
    "Redis": "redis-server redis-cli redis-sentinel redis-stack-server",
    "Valkey": "valkey-server valkey-cli valkey-sentinel",
    "KeyDB": "keydb-server",
    "Memcached": "memcached mcrouter",
    "MongoDB": "mongod mongos mongo mongodump mongorestore",
    "ClickHouse": "clickhouse-server clickhouse clickhouse-client clickhouse-keeper",
    "ScyllaDB": "scylla",
    "Aerospike": "asd asinfo",
    "SQL Server": "sqlservr sqlcmd",
    "Oracle": "sqlplus lsnrctl",
    "Redpanda": "redpanda rpk",
    "SQLite": "sqlite3",
    "Sphinx Search": "searchd manticore",
    "Mosquitto": "mosquitto mosquitto_sub mosquitto_pub",
    "Fluent Bit": "fluent-bit",
    "syslog": "syslog-ng rsyslogd syslogd",
    "BIND": "named",
    "Unbound": "unbound",
    "dnsmasq": "dnsmasq",
    "PowerDNS": "pdns_server pdns_recursor",
    "mail server": "postfix dovecot exim exim4 opendkim rspamd smtpd",
    "SSH": "sshd setup-sshd ssh scp sftp ssh-agent autossh",
    "FTP server": "vsftpd proftpd pure-ftpd",
    "OpenLDAP": "slapd",
    "FreeRADIUS": "freeradius radiusd",
    "Asterisk": "asterisk kamailio opensips freeswitch",
    "TURN server": "turnserver",
    "chrony": "chronyd ntpd",
    "VPN": "openvpn wg-quick wireguard strongswan",
    "Samba": "smbd nmbd",
    "NFS": "rpc.nfsd ganesha.nfsd rpcbind",
    "Keepalived": "keepalived",
    "FRRouting": "bgpd zebra",
    "browser": "chrome chromium chromium-browser google-chrome firefox geckodriver chromedriver",
    "Babashka": "bb",
    "workerd": "workerd",
    "WasmEdge": "wasmedge",
    "PostgREST": "postgrest",
    "Kong": "kong",
    "Hasura": "graphql-engine",
    "Ruff": "ruff",
    "SurrealDB": "surreal",
    "Electron": "electron",
    "X server": "Xvfb Xorg x11vnc vncserver Xvnc",
    "FFmpeg": "ffmpeg ffprobe gst-launch-1.0",
    "LibreOffice": "soffice libreoffice soffice.bin",
    "image tool": "convert gs wkhtmltopdf inkscape",
    "compiler": "gcc g++ clang make cmake ninja bazel bazelisk",
    "Zabbix": "zabbix_server zabbix_agentd zabbix_agent2 zabbix_proxy",
    "Nagios": "nagios nrpe",
    "collectd": "collectd",
    "Netdata": "netdata",
    "Triton": "tritonserver",
    "llama.cpp": "llama-server llama-cli",
    "game server": "steamcmd srcds_run",
    "busybox": "busybox toybox",
    "pause": "pause",
}

_TOOL_NAMES = (
    "sleep tail cat echo printf true false yes top watch ls head grep sed awk date id whoami pwd"
    " printenv nc ncat netcat socat curl wget wrk ab siege iperf iperf3 tcpdump tshark ping"
    " traceroute nmap dig nslookup host stress stress-ng sysbench fio dd rsync tar gzip unzip git"
    " apt-get apt apk yum dnf microdnf inotifywait mkdir chown chmod cp mv rm touch mount umount"
    " sysctl iptables ip6tables ip nft modprobe insmod nvidia-smi openssl certbot vi vim nano tmux"
    " less more mkfifo envsubst find xargs test jq rsyslog logrotate gpg base64 tee ln install"
    " hostname uname ps kill df du free vmstat seq wc sort uniq cut tr diff md5sum sha256sum entr"
)
TOOLS = frozenset(_TOOL_NAMES.split())

FOREIGN: dict[str, str] = {
    name: title for title, names in _PROGRAMS.items() for name in names.split()
} | {name: name for name in TOOLS}
"""Basename of a program → what a person calls it."""
