/** What the browser runs: takes each section that has changed, and says whether it is still being told. */
export const script = `
const live = document.getElementById('live')
const say = (text, isOn) => { live.textContent = text; live.className = isOn ? 'on' : '' }
const source = new EventSource('events')
source.onopen = () => say('live', true)
source.onerror = () => say('not connected, trying again', false)
source.addEventListener('sections', ({ data }) => {
  for (const [id, html] of Object.entries(JSON.parse(data))) {
    const section = document.getElementById(id)
    if (section.contains(document.activeElement)) {
      const name = document.activeElement.getAttribute('aria-label')
      section.innerHTML = html
      section.querySelector('[aria-label="' + name + '"]')?.focus({ preventScroll: true })
    } else section.innerHTML = html
  }
})
`
