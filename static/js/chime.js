const NOTES = [[659.3, 0], [987.8, 0.11]];
const VOLUME = 0.12;
const LENGTH = 0.5;
let audio = null;

/** Two soft notes. Silent where the browser allows no sound before one has pressed something. */
export function chime() {
  audio ??= new AudioContext();
  audio.resume().catch(() => {});
  for (const [pitch, after] of NOTES) ring(pitch, audio.currentTime + after);
}

function ring(pitch, at) {
  const tone = new OscillatorNode(audio, { type: "sine", frequency: pitch });
  const gain = new GainNode(audio, { gain: 0 });
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(VOLUME, at + 0.015);
  gain.gain.exponentialRampToValueAtTime(0.0001, at + LENGTH);
  tone.connect(gain).connect(audio.destination);
  tone.start(at);
  tone.stop(at + LENGTH);
}
