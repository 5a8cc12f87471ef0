#!/bin/sh
# Makes sure that the programs are there that the tests need beside Go, Node,
# git and make: installs what is missing from Debian where it may, else stops
# with the line to run.
set -eu

missing=""
need() { # need PACKAGES TEST…
	packages=$1
	shift
	"$@" >/dev/null 2>&1 || missing="$missing $packages"
}
need chromium command -v chromium                     # browser journeys
need "gcc libc6-dev" command -v gcc                   # go test -race
need postgresql sh -c 'ls /usr/lib/postgresql/*/bin/initdb' # the database of many nodes
need strace command -v strace                         # failing disks
need openssl command -v openssl                       # certificates for tests of TLS
need "kannel kannel-extras" test -x /usr/lib/kannel/test/fakesmsc # an SMS gateway with a fake phone network
need gammu-smsd command -v gammu-smsd                 # another, with a dummy phone
need clamav-daemon test -x /usr/sbin/clamd            # a malware scanner
need "c-icap libc-icap-mod-virus-scan" sh -c 'command -v c-icap && ls /usr/lib/*/c_icap/clamd_mod.so' # another way to ask it
need firefox-esr command -v firefox-esr               # the other browser
need xvfb command -v Xvfb                             # a whole screen to share
need x11-xserver-utils command -v xsetroot            # with a colour of its own
need dbus command -v dbus-daemon                       # a message bus with a desktop portal of the test's own
need x11-utils command -v xwininfo                    # where a window is
need xclip command -v xclip                           # another program with the clipboard
need x11-xkb-utils command -v setxkbmap               # a keyboard layout of its own
need openbox command -v openbox                       # windows to drag
need xterm command -v xterm                           # a program that is no browser
need fonts-dejavu-core test -d /usr/share/fonts/truetype/dejavu
need fonts-noto-color-emoji test -f /usr/share/fonts/truetype/noto/NotoColorEmoji.ttf

[ -n "$missing" ] || exit 0
install="apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	echo "== $install"
	apt-get update -q
	quiet=/usr/sbin/policy-rc.d # keeps Debian from starting the daemons that the packages bring
	if [ ! -e "$quiet" ]; then
		trap 'rm -f "$quiet"' EXIT
		printf '#!/bin/sh\nexit 101\n' >"$quiet"
		chmod +x "$quiet"
	fi
	had=" $(ls /etc/init.d | tr '\n' ' ')"
	$install
	for daemon in $(ls /etc/init.d); do # nor with the machine: Kannel's own settings listen to everybody
		case "$had" in
		*" $daemon "*) ;;
		*) update-rc.d "$daemon" disable ;;
		esac
	done
	exit
fi
echo "The tests need more than is here:$missing" >&2
echo "On Debian this installs it, and keeps the daemons from starting:" >&2
echo "    sudo scripts/needs.sh" >&2
exit 1
