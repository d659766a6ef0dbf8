// new groovy.json.JsonSlurperClassic
new groovy.json.JsonSlurperClassic()
