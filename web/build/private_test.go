package main

import "testing"

func TestPrivateNames(t *testing.T) {
	const source = `
class A {
  private readonly hidden = 1;
  private async quiet(): Promise<void> { this.hidden; this.quiet(); }
  private send(): void { socket.send(this.hidden); }
  private title = { title: '' };
  private once() { f()?.once; }
  shown = 2;
}`
	if got, want := namesPattern(source), "^(hidden|quiet)$"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
